// Which stages of a batch must not start yet because people have to decide first: those from
// `review.before` on, while something is in doubt or quarantined, and those that use the results of
// a stage above its skip limit, where `skip.on_limit` is `review`. The runner's thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "batch/run/step.h"
#include "pipeline/pipeline.h"

namespace sheafline {

class ReviewHold {
 public:
    ReviewHold(const Pipeline& pipeline, const std::vector<Step>& steps,
               const BatchEnvironment& environment);

    bool holds(const Step& step) const;
    // What people have to decide: "12 answers in doubt and 3 quarantined sheets".
    std::string open() const;

 private:
    std::set<std::string> downstreamOf(const std::string& id) const;
    bool isOpen() const;
    bool holdsBefore(const Step& step) const;
    bool holdsAtLimit(const Step& step) const;

    const Pipeline& pipeline_;
    const std::vector<Step>& steps_;
    const BatchEnvironment& environment_;
    const std::set<std::string> after_review_;  // review.before and the stages downstream of it
};

}  // namespace sheafline
