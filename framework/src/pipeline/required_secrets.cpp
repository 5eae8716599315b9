#include "pipeline/required_secrets.h"

#include <utility>

#include "language/text_template.h"
#include "pipeline/pipeline_loader.h"
#include "pipeline/secrets.h"

namespace sheafline {

namespace {

// What expressions see before the batch runs: every value of a stage is known, so that only a
// missing secret can fail.
class Probe {
 public:
    Probe(const Pipeline& pipeline, const ExpressionScope& scope) : scope_(scope) {
        for (const auto* stages : {&pipeline.stages, &pipeline.finally}) {
            for (const PipelineStage& stage : *stages)
                scope_.stages[stage.id] = {
                    {"state", "completed"}, {"done", "0"}, {"total", "0"}, {"failed", "0"}};
        }
        scope_.batch.emplace("state", "completed");
        scope_.secrets = [this, lookup = scope.secrets](std::string_view name) {
            auto value = lookup ? lookup(name) : std::nullopt;
            if (!value) missing_ = name;
            return value;
        };
    }
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    // The name of a secret without which `text` has no value; empty: none.
    std::string missingIn(const std::string& text) {
        missing_.clear();
        try {
            expand(splitTemplate(text), scope_);
        } catch (const std::runtime_error&) {  // ConfigError or ExpressionError
            return missing_;
        }
        return {};  // the expression has another value for a missing secret
    }

 private:
    ExpressionScope scope_;
    std::string missing_{};
};

bool neverRuns(const PipelineStage& stage, const ExpressionScope& scope) {
    if (stage.condition.empty()) return false;
    try {
        return !evaluateCondition(stage.condition, scope);
    } catch (const ConfigError&) {
        return false;  // it depends on stages that have not run yet
    }
}

void find(const RawValues& values, const std::string& stage_id, const Pipeline& pipeline,
          Probe& probe, std::vector<MissingSecret>& missing) {
    for (const auto& [key, raw] : values) {
        std::vector<std::string> texts = raw.value.list;
        if (!raw.value.is_list) texts = {raw.value.text};
        for (const std::string& text : texts) {
            const std::string name = probe.missingIn(text);
            if (name.empty()) continue;
            const std::string where = stage_id.empty() ? "a sink" : "stage '" + stage_id + "'";
            missing.push_back({.stage_id = stage_id,
                               .place = {.file = pipeline.file.string(),
                                         .line = raw.line,
                                         .column = raw.column,
                                         .key = key,
                                         .message = key + " of " + where + " needs the secret '" +
                                                    name + "'; " + secretRemedy(name)}});
        }
    }
}

}  // namespace

std::vector<MissingSecret> missingSecrets(const Pipeline& pipeline, const ExpressionScope& scope) {
    Probe probe(pipeline, scope);
    std::vector<MissingSecret> missing;
    for (const auto* stages : {&pipeline.stages, &pipeline.finally}) {
        for (const PipelineStage& stage : *stages) {
            if (!neverRuns(stage, scope)) find(stage.with, stage.id, pipeline, probe, missing);
        }
    }
    for (const PipelineSink& sink : pipeline.sinks) find(sink.with, "", pipeline, probe, missing);
    return missing;
}

void requireSecrets(const Pipeline& pipeline, const ExpressionScope& scope) {
    std::vector<Finding> places;
    for (MissingSecret& secret : missingSecrets(pipeline, scope))
        places.push_back(std::move(secret.place));
    if (!places.empty()) throw ConfigError(std::move(places));
}

}  // namespace sheafline
