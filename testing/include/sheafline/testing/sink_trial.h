// Delivers events to one sink from its built plugin, without a batch. Files are in a temporary
// folder. Events that a delivery did not accept are delivered again, as the program does.
// One thread.
//
//     SinkTrial trial("build/newest.so", {{"file", "newest.json"}});
//     trial.add("Reading sheets", 50);
//     CHECK(trial.deliver().code == "done");
//     CHECK(trial.file("newest.json") == trial.events().back().json + "\n");
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/testing/call_watch.h>
#include <sheafline/testing/given_params.h>
#include <sheafline/testing/outcome.h>
#include <sheafline/testing/plugin_file.h>
#include <sheafline/testing/trial_folder.h>

namespace sheafline::testing {

class SinkTrial : private SinkHistory {
 public:
    explicit SinkTrial(const std::filesystem::path& plugin, GivenParams params = {});

    void set(const std::string& name, GivenParam value) { params_[name] = std::move(value); }
    void write(const std::filesystem::path& name, std::string_view bytes) {
        folder_.write(name, bytes);
    }
    // The next event of the batch "batch-1", with its seq.
    void add(std::string_view message, double percentage = 0,
             std::string_view stage = "extracting");
    void finish() { add("Completed", 100, "completed"); }  // the last event of a batch
    void addJson(std::string json, std::string batch_id = "batch-1");
    void setBatch(BatchView batch) { batch_ = std::move(batch); }  // what the sink reads of it

    // Delivers what waits, to the same sink as before or to a first one. The code is "done", or
    // that of the Error; then everything waits again.
    Outcome deliver();
    // The same in a child process that kill -9 ends at call number `call`: 1 is before the
    // delivery, then each durable step of a file and each reading of the history; the last is after
    // the delivery. Everything waits again if it was killed.
    Outcome deliverKilledAt(int call);
    // The next delivery is to a new sink, as after a restart of the program. For a sink that is not
    // durable, the events that wait are lost.
    void restart();

    const std::vector<CommittedEvent>& events() const { return events_; }
    std::size_t waiting() const { return events_.size() - accepted_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::string file(const std::filesystem::path& name) const { return folder_.read(name); }

 private:
    std::optional<BatchView> batch(std::string_view batch_id) override;
    std::vector<CommittedEvent> events(std::string_view batch_id, std::uint64_t after_seq,
                                       std::size_t max) override;
    void deliverOnce();

    TrialFolder folder_{};
    CallWatch calls_{};
    const PluginFile plugin_;
    GivenParams params_;
    BatchView batch_{.user = "ann", .pipeline = "trial", .state = "running"};
    std::vector<CommittedEvent> events_{};
    std::size_t accepted_ = 0;  // of events_
    std::unique_ptr<Sink> sink_{};
};

}  // namespace sheafline::testing
