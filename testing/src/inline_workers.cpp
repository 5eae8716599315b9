#include <exception>

#include <sheafline/stage.h>
#include <sheafline/testing/inline_workers.h>

namespace sheafline::testing {

namespace {

Reading readingOf(Processor& processor, const SheetTask& task) {
    if (!task.before) return processor.process(task);
    auto settled = processor.settled(task);
    return settled ? std::move(*settled) : processor.process(task);
}

}  // namespace

InlineWorkers::InlineWorkers(const PluginFile& plugin, const WorkerSpec& spec,
                             const std::filesystem::path& base)
    : max_attempts_(spec.max_attempts),
      processor_(plugin.makeProcessor(spec.processor.params, base)) {}

void InlineWorkers::run(const std::function<std::optional<SheetTask>()>& next,
                        const std::function<void(const SheetOutcome&)>& done,
                        std::stop_token stop) {
    while (auto task = next()) {
        throwIfStopped(stop);
        for (bool again = true; again; ++task->attempt) {
            SheetOutcome outcome{.task = *task};
            try {
                outcome.reading = readingOf(*processor_, *task);
                again = false;
            } catch (const std::exception& error) {
                outcome.reading.reason = error.what();
                again = task->attempt < max_attempts_;
                outcome.attempt_failed = again;
            }
            done(outcome);
        }
    }
}

}  // namespace sheafline::testing
