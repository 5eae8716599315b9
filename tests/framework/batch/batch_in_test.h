// A batch whose stages run in the test itself: a history in a folder, and a thread that acts as the
// owner: it commits and acknowledges each change. Stages are functions of the test.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/plugin.h>

#include "base/folders/epoch_folders.h"
#include "batch/active_stage.h"
#include "history/change_wire.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "memory_log.h"
#include "plugins/plugin_catalog.h"
#include "temporary_folder.h"

namespace sheafline::test {

template <auto Body>
class FunctionStage : public Stage {
 public:
    void run(StageRun& run) override { Body(run); }
};

template <auto Body>
std::unique_ptr<Stage> makeFunctionStage(Params&) {
    return std::make_unique<FunctionStage<Body>>();
}

class BatchInTest {
 public:
    explicit BatchInTest(const std::vector<const PluginDescriptor*>& stages)
        : plugins_(entriesOf(stages)) {
        history_.commit({.batch_id = "b", .create = NewBatch{.pipeline = "p", .params = "{}"}});
        std::array<int, 2> pair{};
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0)
            throw std::runtime_error("no pair of sockets");
        of_owner_ = FileDescriptor(pair[0]);
        of_batch_ = FileDescriptor(pair[1]);
        owner_ = std::thread([this] { answer(); });
        link_ = std::make_unique<OwnerLink>(of_batch_.get(), "b", redactor_, [](StopReason) {});
        reader_ = std::make_unique<HistoryReader>(file());
        sheets_ = std::make_unique<BatchSheets>(*link_, file(), *reader().batch("b"), work());
        std::filesystem::create_directories(folder_ / "batch");
    }
    ~BatchInTest() {
        sheets_.reset();
        link_.reset();
        of_batch_ = FileDescriptor();  // the owner's reading ends
        owner_.join();
    }
    BatchInTest(const BatchInTest&) = delete;
    BatchInTest& operator=(const BatchInTest&) = delete;

    BatchEnvironment environment() {
        return {.batch_id = "b",
                .epoch = epoch_,
                .batch_folder = folder_ / "batch",
                .artifact_folder = epochFolder(folder_ / "batch", epoch_) / kArtifactFolder,
                .work_folder = work(),
                .pipeline_folder = folder_.path(),
                .plugins = plugins_,
                .link = *link_,
                .sheets = *sheets_,
                .history = *reader_,
                .log = log_,
                .redactor = redactor_};
    }
    void add(const std::string& stage_id) {  // adds to the stored plan of the batch
        history_.commit({.batch_id = "b", .plan = {{.stage_id = stage_id, .stage = "x"}}});
    }
    // The batch has a lease with this epoch from now on.
    void setEpoch(std::int64_t epoch) { epoch_ = epoch; }
    void commit(Change change) { history_.commit(std::move(change)); }
    const TemporaryFolder& folder() const { return folder_; }
    std::filesystem::path work() const { return folder_ / "work"; }
    const PluginCatalog& plugins() const { return plugins_; }
    std::string log() const { return log_.text(); }
    HistoryReader reader() const { return HistoryReader(file()); }

    // "a completed, b failed": the stages of the batch with their states.
    std::string stages() const {
        std::string text;
        for (const StageRow& row : reader().stages("b", 1))
            text +=
                (text.empty() ? "" : ", ") + row.stage_id + " " + std::string(toString(row.state));
        return text;
    }
    std::string state() const { return std::string(toString(reader().batch("b")->state)); }
    std::string lastEvent() const {
        const auto events = reader().eventsOf("b", 0, 1'000);
        return events.empty() ? "" : events.back().json;
    }

 private:
    static std::vector<PluginEntry> entriesOf(const std::vector<const PluginDescriptor*>& stages) {
        std::vector<PluginEntry> entries;
        for (const PluginDescriptor* stage : stages) entries.push_back({stage, {}, {}});
        return entries;
    }
    std::filesystem::path file() const { return folder_ / "history.db"; }

    void answer() {
        FrameReader frames(of_owner_.get());
        while (const auto frame = frames.next()) {
            if (frame->type != static_cast<std::uint8_t>(LinkFrame::change)) continue;
            WireReader in(frame->payload);
            const std::uint64_t id = in.u64();
            Change change = decodeChange(in.text());
            change.epoch = epoch_;
            history_.commit(std::move(change));
            sendFrame(of_owner_.get(), static_cast<std::uint8_t>(LinkFrame::ack),
                      WireWriter().u64(id).flag(false).bytes());
        }
    }

    TemporaryFolder folder_;
    const PluginCatalog plugins_;
    History history_{file(), "owner"};
    Redactor redactor_{};
    MemoryLog log_{};
    FileDescriptor of_owner_;
    FileDescriptor of_batch_;
    std::unique_ptr<OwnerLink> link_;
    std::unique_ptr<HistoryReader> reader_;
    std::unique_ptr<BatchSheets> sheets_;
    std::atomic<std::int64_t> epoch_{0};
    std::thread owner_;
};

}  // namespace sheafline::test
