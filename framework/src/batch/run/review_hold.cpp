#include "batch/run/review_hold.h"

#include <algorithm>

#include <sheafline/shown_text.h>

#include "batch/run/skip_rule.h"

namespace sheafline {

ReviewHold::ReviewHold(const Pipeline& pipeline, const std::vector<Step>& steps,
                       const BatchEnvironment& environment)
    : pipeline_(pipeline),
      steps_(steps),
      environment_(environment),
      after_review_(pipeline.review ? downstreamOf(pipeline.review->before)
                                    : std::set<std::string>()) {}

// With the stage itself. A stage may be listed above the stages that it needs.
std::set<std::string> ReviewHold::downstreamOf(const std::string& id) const {
    std::set<std::string> found{id};
    for (std::size_t before = 0; before != found.size();) {
        before = found.size();
        for (const PipelineStage& stage : pipeline_.stages) {
            if (std::ranges::any_of(stage.needs,
                                    [&](const auto& need) { return found.contains(need); }))
                found.insert(stage.id);
        }
    }
    return found;
}

bool ReviewHold::isOpen() const {
    if (environment_.continued_without) return false;
    const auto batch = environment_.history.batch(environment_.batch_id);
    return environment_.sheets.count(SheetState::quarantined) > 0 ||
           (batch && batch->sheets_doubtful.value_or(0) > 0);
}

bool ReviewHold::holdsBefore(const Step& step) const {
    if (!after_review_.contains(step.use->id)) return false;
    const bool others_ended = std::ranges::all_of(steps_, [&](const Step& other) {
        return after_review_.contains(other.use->id) || isOver(other.state);
    });
    return !others_ended || isOpen();
}

// Stages that read the sheets or sort them still run: every sheet that can be read is read.
bool ReviewHold::holdsAtLimit(const Step& step) const {
    if (step.plugin->reads_sheets || step.plugin->groups_sheets) return false;
    return std::ranges::any_of(steps_, [&](const Step& other) {
        const auto limit = skipLimitOf(*other.use, *other.plugin);
        if (!limit || !limit->reviews || !isOver(other.state)) return false;
        return overLimit(
                   *limit,
                   environment_.sheets.size() - environment_.sheets.count(SheetState::discarded),
                   environment_.sheets.count(SheetState::quarantined),
                   environment_.continued_without.value_or(0)) &&
               downstreamOf(other.use->id).contains(step.use->id);
    });
}

bool ReviewHold::holds(const Step& step) const {
    return !step.in_finally && (holdsBefore(step) || holdsAtLimit(step));
}

std::string ReviewHold::open() const {
    const auto batch = environment_.history.batch(environment_.batch_id);
    const std::uint64_t answers = batch ? batch->answers_doubtful.value_or(0) : 0;
    const std::uint64_t sheets = environment_.sheets.count(SheetState::quarantined);
    std::string text;
    if (answers > 0) text = counted(answers, "answer in doubt", "answers in doubt");
    if (sheets > 0) text += (text.empty() ? "" : " and ") + counted(sheets, "quarantined sheet");
    return text.empty() ? "sheets with a flag" : text;
}

}  // namespace sheafline
