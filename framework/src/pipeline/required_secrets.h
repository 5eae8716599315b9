// The secrets that a pipeline needs, checked before the first stage runs. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include <sheafline/error.h>

#include "language/expression.h"
#include "pipeline/pipeline.h"

namespace sheafline {

struct MissingSecret {
    std::string stage_id{};  // empty: a sink
    Finding place{};         // names the variable to set
};

// Each place that needs a secret which is not set. A stage whose condition is already known to be
// false needs none.
std::vector<MissingSecret> missingSecrets(const Pipeline& pipeline, const ExpressionScope& scope);
// Throws ConfigError with all of them.
void requireSecrets(const Pipeline& pipeline, const ExpressionScope& scope);

}  // namespace sheafline
