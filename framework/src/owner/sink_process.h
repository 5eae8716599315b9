// A sink in a separate process: a plugin that is not part of the program may crash or hang, and
// costs only that process. deliver() starts the process if it does not run. A crash, a hang or a
// broken message ends the process and is an Error of class transient, so that the same events come
// again. After five of them every call throws SINK_OFF, for all sinks of this plugin. One thread at
// a time, which must live as long as the sink: the process ends with the thread that started it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include <sheafline/params.h>
#include <sheafline/sink.h>

#include "owner/sink_frames.h"
#include "process/process.h"
#include "process/wire.h"

namespace sheafline {

// How often processes of one plugin were lost; shared by all its sinks. Thread-safe.
class SinkLosses {
 public:
    void add(const std::string& why);
    bool tooMany() const;
    std::string text() const;  // "process failure 5 of 5: it ended: killed by SIGSEGV"

 private:
    mutable std::mutex mutex_;
    // guarded by mutex_
    int count_ = 0;
    std::string last_;
};

struct SinkProcessOptions {
    std::string name{};              // of the plugin, for messages
    std::filesystem::path plugin{};  // its file
    std::filesystem::path base{};    // where relative paths of its params start
    ParamValues params{};
    std::shared_ptr<SinkLosses> losses{};          // shared by the sinks of this plugin
    std::chrono::milliseconds call_limit{30'000};  // for the start and for each delivery
};

class SinkProcess : public Sink {
 public:
    explicit SinkProcess(SinkProcessOptions options);
    ~SinkProcess() override;

    void attach(SinkHistory& history) override { history_ = &history; }
    void deliver(std::span<const CommittedEvent> events) override;

 private:
    struct Running;

    void start();
    void send(SinkFrame type, const WireWriter& payload);
    void converse(const std::string& call);
    bool take(const Frame& frame);
    [[noreturn]] void lost(const std::string& why);
    [[noreturn]] void switchOff() const;

    const SinkProcessOptions options_;
    SinkHistory* history_ = nullptr;
    std::unique_ptr<Running> running_;
    bool rejected_ = false;  // the plugin rejected its params, which do not change
};

// The main function of a sink process, whose socket is kPeerSocket. Returns the exit status.
int hostSink();

}  // namespace sheafline
