#include <utility>

#include <sheafline/shown_text.h>
#include <sheafline/testing/processor_trial.h>

#include "child_run.h"
#include "durable_state.h"
#include "outcome_of.h"

namespace sheafline::testing {

ProcessorTrial::ProcessorTrial(const std::filesystem::path& plugin, GivenParams params)
    : plugin_(plugin), params_(std::move(params)) {}

Processor& ProcessorTrial::processor() {
    if (!processor_) processor_ = plugin_.makeProcessor(params_, folder_.path());
    return *processor_;
}

std::vector<std::string> ProcessorTrial::columns() { return processor().columns(); }

Reading ProcessorTrial::readHere(SheetTask task) {
    task.path = folder_.path() / task.path;
    if (!task.before) return processor().process(task);
    auto settled = processor().settled(task);
    return settled ? std::move(*settled) : processor().process(task);
}

Reading ProcessorTrial::read(SheetTask task) {
    processor();  // a wrong param is an error of the test, not of the sheet
    const std::filesystem::path answer = folder_.path() / "reading";
    const std::string ended = runInChild([&] {
        Reading reading;
        const Outcome outcome = outcomeOf([&] { reading = readHere(std::move(task)); });
        if (outcome.code != "done") reading = {.reason = outcome.message};
        replaceFile(answer, encoded(reading));
    });
    if (!ended.empty()) return {.reason = ended};
    Reading reading = decodedReading(bytesOf(answer));
    const std::size_t wanted = columns().size();
    const std::size_t got = reading.values.size();
    if (reading.reason.empty() && got != wanted) {
        return {.reason = "gave " + counted(got, "value") + " for " + counted(wanted, "column")};
    }
    return reading;
}

}  // namespace sheafline::testing
