#include "batch/active_stage.h"

#include <array>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include <sheafline/copy_file.h>
#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>

#include "base/file_digest.h"
#include "base/folders/epoch_folders.h"
#include "batch/lease/shared_database.h"
#include "process/process_state.h"
#include "workers/local_workers.h"
#include "workers/processor_parcel.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostCheckpointBytes = std::size_t{1} << 20U;  // all readers load it

// The event gate of one stage run, behind a lock; events that pass go to the owner.
class GatedPublisher : public ProgressPublisher {
 public:
    GatedPublisher(OwnerLink& link, EventGate gate) : link_(link), gate_(std::move(gate)) {}

    void publish(ProgressEvent event) override {
        const std::lock_guard lock(mutex_);
        send(gate_.offer(std::move(event), Clock::now()));
    }

    void publishAndWait(ProgressEvent event) override {
        {
            const std::lock_guard lock(mutex_);
            send(gate_.pass(std::move(event), Clock::now()));
        }
        link_.flush();
    }

    void tick() {
        const std::lock_guard lock(mutex_);
        send(gate_.tick(Clock::now()));
    }

    void finish() {
        const std::lock_guard lock(mutex_);
        send(gate_.finish(Clock::now()));
    }

    std::uint64_t cleaned() {
        const std::lock_guard lock(mutex_);
        return gate_.cleaned();
    }

 private:
    using Clock = std::chrono::steady_clock;

    void send(std::optional<EventDraft> event) {
        if (!event) return;
        link_.edit([&](Change& change) { change.events.push_back(std::move(*event)); },
                   OwnerLink::Room::never_wait);
    }

    OwnerLink& link_;
    std::mutex mutex_;
    EventGate gate_;  // guarded by mutex_
};

class PrefixedLog : public Log {
 public:
    PrefixedLog(Log& log, std::string stage_id) : log_(log), stage_id_(std::move(stage_id)) {}
    void write(LogLevel level, std::string_view text) override {
        log_.write(level, stage_id_ + ": " + std::string(text));
    }

 private:
    Log& log_;
    const std::string stage_id_;
};

}  // namespace

void BatchEnvironment::requireUsableDatabase(const ParamValues& values) const {
    if (epoch == 0) return;
    const std::array folders{batch_folder.parent_path().parent_path(), work_folder.parent_path()};
    requireNoDatabaseIn(folders, values);
}

class ActiveStage::Run : public StageRun {
 public:
    Run(const BatchEnvironment& batch, const PipelineStage& use, const PluginDescriptor& plugin,
        AttemptStart start, std::stop_token stop)
        : batch_(batch),
          stage_id_(use.id),
          folder_(batch.work_folder / "stages" / use.id),
          publisher_(batch.link,
                     EventGate(use.id, std::string(plugin.stage.text()), start.attempt)),
          log_(batch.log, use.id),
          changed_(std::move(start.changed_sheets)),
          stop_(std::move(stop)),
          artifacts_(artifactsOf(batch)),
          checkpoint_(std::move(start.checkpoint)) {}

    std::string_view batchId() const override { return batch_.batch_id; }
    std::string_view inputName() const override { return batch_.input_name; }
    int execution() const override { return batch_.execution; }
    const std::filesystem::path& folder() const override { return folder_; }
    const std::filesystem::path& batchFolder() const override { return batch_.batch_folder; }
    const std::filesystem::path& workFolder() const override { return batch_.work_folder; }
    SheetTable& sheets() override { return batch_.sheets; }
    GatedPublisher& progress() override { return publisher_; }
    std::stop_token stop() const override { return stop_; }
    Log& log() override { return log_; }
    std::optional<std::vector<int>> changedSheets() const override { return changed_; }
    std::int64_t epoch() const override { return batch_.epoch; }
    void requireOwnership() override {
        if (batch_.epoch > 0) batch_.link.flush();
    }

    std::vector<std::filesystem::path> epochFolders() const override {
        std::vector<std::filesystem::path> paths;
        for (auto& folder : sheafline::epochFolders(batch_.batch_folder, batch_.epoch))
            paths.push_back(std::move(folder.path));
        return paths;
    }

    std::optional<std::filesystem::path> artifactFile(std::string_view name) const override {
        if (batch_.epoch > 0) {
            const std::lock_guard lock(mutex_);
            const auto found = artifacts_.find(name);
            return found == artifacts_.end() ? std::nullopt : std::optional(found->second);
        }
        if (auto file = batch_.heldArtifacts() / name;
            batch_.holds_artifacts && std::filesystem::exists(file))
            return file;
        return StageRun::artifactFile(name);
    }

    std::optional<std::string> checkpoint() const override {
        const std::lock_guard lock(mutex_);
        return checkpoint_;
    }

    void checkpoint(std::string_view state) override {
        if (state.size() > kMostCheckpointBytes) {
            throw Error(ErrorClass::permanent, "CHECKPOINT_TOO_LARGE",
                        "the checkpoint of stage " + stage_id_ + " has " +
                            std::to_string(state.size()) +
                            " bytes, more than 1 MiB; write large "
                            "state to a file in the stage's folder");
        }
        faultPoint("stage.checkpoint");
        batch_.link.editAndWait([&](Change& change) {
            change.stages.push_back({.stage_id = stage_id_, .checkpoint = std::string(state)});
        });
        const std::lock_guard lock(mutex_);
        checkpoint_ = state;
    }

    void artifact(const Artifact& artifact) override {
        if (artifact.name.empty() || artifact.name.find('/') != std::string::npos ||
            artifact.name.front() == '.') {
            throw Error(ErrorClass::permanent, "ARTIFACT_NAME",
                        "'" + artifact.name +
                            "' is not a name for an artifact; use no folders and no leading dot");
        }
        const bool in_folder = batch_.holdsInFolder();
        const auto folder = in_folder ? batch_.heldArtifacts() : batch_.artifact_folder;
        const auto target = folder / artifact.name;
        createFolders(folder);
        moveFile(artifact.path, target);  // the work folder may be another file system
        syncFolder(folder);
        faultPoint("artifact.moved");
        if (in_folder) return;
        ArtifactRow row{.name = artifact.name,
                        .size_bytes = std::filesystem::file_size(target),
                        .sha256 = sha256OfFile(target),
                        .held = batch_.holds_artifacts};
        batch_.link.editAndWait(
            [&](Change& change) { change.artifacts.push_back(std::move(row)); });
        const std::lock_guard lock(mutex_);
        artifacts_[artifact.name] = target;
    }

    std::unique_ptr<WorkerPool> workers(const WorkerSpec& spec) override {
        return std::make_unique<LocalWorkers>(spec, batch_.plugins, batch_.pipeline_folder);
    }

    ProcessorParcel parcel(const ProcessorUse& use) const override {
        return processorParcel(use, batch_.plugins, batch_.pipeline_folder, batch_.redactor);
    }

 private:
    using Files = std::map<std::string, std::filesystem::path, std::less<>>;

    // On the runner's thread. The stages that this one needs have ended, so all theirs are there.
    static Files artifactsOf(const BatchEnvironment& batch) {
        Files files;
        if (batch.epoch == 0) return files;
        const auto add = [&](const std::vector<ArtifactRow>& rows) {
            for (const ArtifactRow& row : rows)
                files[row.name] =
                    epochFolder(batch.batch_folder, row.epoch) / kArtifactFolder / row.name;
        };
        add(batch.history.artifacts(batch.batch_id));
        add(batch.history.heldArtifacts(batch.batch_id));
        return files;
    }

    const BatchEnvironment& batch_;
    const std::string stage_id_;
    const std::filesystem::path folder_;
    GatedPublisher publisher_;
    PrefixedLog log_;
    const std::optional<std::vector<int>> changed_;
    const std::stop_token stop_;
    mutable std::mutex mutex_;
    // guarded by mutex_
    Files artifacts_;  // with a lease
    std::optional<std::string> checkpoint_;
};

ActiveStage::ActiveStage(const BatchEnvironment& batch, const PipelineStage& use,
                         const PluginDescriptor& plugin, ParamValues params, AttemptStart start,
                         std::function<void()> ended)
    : batch_(batch),
      stage_id_(use.id),
      run_(std::make_unique<Run>(batch, use, plugin, std::move(start), stop_.get_token())),
      thread_([this, &plugin, params = std::move(params), ended = std::move(ended)]() mutable {
          work(plugin, std::move(params));
          ended();
      }) {}

ActiveStage::~ActiveStage() { thread_.join(); }

void ActiveStage::work(const PluginDescriptor& plugin, ParamValues values) {
    AttemptEnd end;
    const ProcessState before;
    try {
        if (plugin.restart == Restart::from_scratch) std::filesystem::remove_all(run_->folder());
        std::filesystem::create_directories(run_->folder());
        Params params(std::move(values), batch_.pipeline_folder);
        const std::unique_ptr<Stage> stage = plugin.make_stage(params);
        params.requireAllRead();
        stage->run(*run_);
        batch_.sheets.flush();
    } catch (const Error& error) {
        const bool stopped = error.errorClass() == ErrorClass::cancelled;
        end = {.kind = stopped ? AttemptEnd::Kind::stopped : AttemptEnd::Kind::failed,
               .error_class = error.errorClass(),
               .code = error.code(),
               .message = error.what()};
    } catch (const ConfigError& error) {
        end = {.kind = AttemptEnd::Kind::failed, .code = "CONFIG", .message = error.what()};
    } catch (const std::filesystem::filesystem_error& error) {
        end = {.kind = AttemptEnd::Kind::failed,
               .code = "DISK_IO",
               .message = error.code().message() + ": " + error.path1().filename().string()};
        if (error.code() == std::errc::no_space_on_device) end.code = "DISK_FULL";
        if (error.code() == std::errc::read_only_file_system) end.code = "DISK_READONLY";
    } catch (const std::exception& error) {
        end = {.kind = AttemptEnd::Kind::failed,
               .code = "STAGE_THREW",
               .message = std::string("the stage threw: ") + error.what()};
    } catch (...) {
        end = {.kind = AttemptEnd::Kind::failed,
               .code = "STAGE_THREW",
               .message = "the stage threw an object that is not a std::exception"};
    }
    for (const std::string& what : before.restore())
        run_->log().warning("the stage changed the " + what + " of its process; it was restored");
    if (const auto cleaned = run_->progress().cleaned(); cleaned > 0) {
        run_->log().warning("cleaned " + std::to_string(cleaned) +
                            " events with impossible numbers or texts");
    }
    const std::lock_guard lock(mutex_);
    end_ = std::move(end);
}

void ActiveStage::tick() { run_->progress().tick(); }

void ActiveStage::finish() { run_->progress().finish(); }

void ActiveStage::say(std::string message) {
    run_->progress().publishAndWait({.message = std::move(message)});
}

std::optional<std::string> ActiveStage::checkpoint() const {
    return std::as_const(*run_).checkpoint();
}

std::optional<AttemptEnd> ActiveStage::end() const {
    const std::lock_guard lock(mutex_);
    return end_;
}

}  // namespace sheafline
