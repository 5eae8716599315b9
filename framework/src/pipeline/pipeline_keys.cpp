#include "pipeline/pipeline_keys.h"

#include <algorithm>
#include <cassert>

namespace sheafline {

namespace {

std::vector<std::string> paramTypes() {
    return {"path", "string",   "integer", "number", "boolean",
            "size", "duration", "percent", "choice", "file"};
}

ParamSpec timeoutKey() {
    return {.name = "timeout",
            .type = ParamType::duration,
            .help = "the longest that one attempt of a stage may take; default: 1d",
            .min = "1ms"};
}

}  // namespace

std::vector<ParamSpec> pipelineKeys() {
    return {{.name = "name",
             .help = "the name by which batches are started",
             .required = true,
             .pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"},
            {.name = "description", .help = "what the pipeline does, for people"}};
}

std::vector<ParamSpec> defaultsKeys() { return {timeoutKey()}; }

std::vector<ParamSpec> paramKeys() {
    return {{.name = "type",
             .type = ParamType::choice,
             .help = "which values are accepted",
             .required = true,
             .choices = paramTypes()},
            {.name = "help", .help = "what the param means, for people"},
            {.name = "required",
             .type = ParamType::boolean,
             .help = "whether each batch must give a value"},
            {.name = "pattern",
             .help = "regular expression (PCRE2) that must match a part of the text"},
            {.name = "choices", .type = ParamType::list, .help = "the accepted values of a choice"},
            {.name = "scope",
             .type = ParamType::choice,
             .help = "operator: cannot be set over HTTP",
             .choices = {"user", "operator"}}};
}

std::vector<ParamSpec> retryKeys() {
    return {{.name = "max_attempts",
             .type = ParamType::integer,
             .help = "attempts in all, for transient errors",
             .min = "1",
             .max = "1000"},
            {.name = "initial", .type = ParamType::duration, .help = "wait before the second"},
            {.name = "factor",
             .type = ParamType::number,
             .help = "factor by which each further wait grows",
             .min = "1",
             .max = "100"},
            {.name = "max_interval", .type = ParamType::duration, .help = "the longest wait"}};
}

std::vector<ParamSpec> stageKeys() {
    return {{.name = "id",
             .help = "the name of the stage in this pipeline",
             .required = true,
             .pattern = "^[A-Za-z_][A-Za-z0-9_-]{0,63}$"},
            {.name = "needs",
             .type = ParamType::list,
             .help = "the stages that must end first; default: the one above"},
            timeoutKey(),
            {.name = "weight",
             .type = ParamType::number,
             .help = "its share of the overall percentage",
             .min = "0",
             .max = "1000000"}};
}

std::vector<ParamSpec> skipKeys() {
    return {{.name = "limit",
             .type = ParamType::percent,
             .help = "the share of quarantined sheets that a batch may have; default: 2%"},
            {.name = "at_least",
             .type = ParamType::integer,
             .help = "how many sheets must be quarantined before the batch stops; default: 5",
             .min = "1",
             .max = "1000000"},
            {.name = "on_limit",
             .type = ParamType::choice,
             .help = "what happens above the limit: the batch fails (default), or it reads the "
                     "other sheets and then waits for people",
             .choices = {"fail", "review"}}};
}

std::vector<ParamSpec> reviewKeys() {
    return {{.name = "before",
             .help = "the id of the stage before which people decide about doubts",
             .required = true},
            {.name = "timeout",
             .type = ParamType::duration,
             .help = "the longest that the batch waits for people; default: 14d",
             .min = "1s"}};
}

ParamSpec keySpec(const std::vector<ParamSpec>& keys, std::string_view name) {
    const auto found = std::ranges::find(keys, name, &ParamSpec::name);
    assert(found != keys.end());
    return *found;
}

}  // namespace sheafline
