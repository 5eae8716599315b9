#include <stdexcept>
#include <string>
#include <utility>

#include <sheafline/testing/inline_workers.h>
#include <sheafline/testing/memory_stage_run.h>

namespace sheafline::testing {

namespace {

std::filesystem::path made(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return folder;
}

}  // namespace

void MemoryProgress::publish(ProgressEvent event) {
    if (calls_ != nullptr) calls_->pass("progress.publish");
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
}

std::vector<ProgressEvent> MemoryProgress::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

std::string MemoryProgress::lastMessage() const {
    const std::lock_guard lock(mutex_);
    return events_.empty() ? "" : events_.back().message;
}

MemoryStageRun::MemoryStageRun(const std::filesystem::path& root, const std::string& stage_id)
    : root_(root),
      folder_(made(root / "work" / stage_id)),
      batch_folder_(made(root / "batch")),
      work_folder_(made(root / "work")) {}

void MemoryStageRun::checkpoint(std::string_view state) {
    pass("checkpoint");
    if (checkpoint_hook_) checkpoint_hook_(++checkpoints_);
    checkpoint_ = std::string(state);
    sheets_.flush();
}

void MemoryStageRun::artifact(const Artifact& artifact) {
    pass("artifact");
    std::filesystem::rename(artifact.path, made(batch_folder_ / "artifacts") / artifact.name);
}

std::unique_ptr<WorkerPool> MemoryStageRun::workers(const WorkerSpec& spec) {
    for (const PluginFile& plugin : processors_) {
        if (plugin.descriptor().name == spec.processor.name)
            return std::make_unique<InlineWorkers>(plugin, spec, root_);
    }
    throw std::logic_error("there is no processor '" + spec.processor.name +
                           "' in this test; add its plugin with addProcessor()");
}

void MemoryStageRun::requireOwnership() {
    pass("requireOwnership");
    if (!owns_)
        throw Error(ErrorClass::permanent, "FENCED", "another server has taken the batch over");
}

// As in the batch's folder of a server: `epoch-N` for each epoch.
std::vector<std::filesystem::path> MemoryStageRun::epochFolders() const {
    std::vector<std::filesystem::path> folders{batch_folder_};
    for (std::int64_t epoch = 1; epoch <= epoch_; ++epoch) {
        auto folder = batch_folder_ / ("epoch-" + std::to_string(epoch));
        if (epoch == epoch_) made(folder);
        if (std::filesystem::exists(folder)) folders.push_back(std::move(folder));
    }
    return folders;
}

void MemoryStageRun::countCalls(CallWatch& calls) {
    calls_ = &calls;
    sheets_.countCalls(calls);
    progress_.countCalls(calls);
}

void MemoryStageRun::pass(const char* name) {
    if (calls_ != nullptr) calls_->pass(name);
}

ProcessorParcel MemoryStageRun::parcel(const ProcessorUse& use) const {
    return {.processor = use, .version = "1.0.0", .program = "test"};
}

void MemoryStageRun::nextExecution() {
    ++execution_;
    checkpoint_.reset();
}

void MemoryStageRun::crash() { sheets_.crash(); }

}  // namespace sheafline::testing
