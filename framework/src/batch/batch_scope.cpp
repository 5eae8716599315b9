#include "batch/batch_scope.h"

#include <cstdlib>
#include <utility>

#include "base/units.h"
#include "batch/batch_params.h"
#include "batch/params/param_files.h"
#include "pipeline/secrets.h"

namespace sheafline {

ExpressionScope batchScope(const BatchRow& batch, const Pipeline& pipeline,
                           const DataFolder& folder, Redactor& redactor) {
    return batchScope(batch.batch_id, fullParams(folder, batch, redactor), pipeline, folder,
                      redactor);
}

ExpressionScope batchScope(const std::string& batch_id, ParamValues params,
                           const Pipeline& pipeline, const DataFolder& folder, Redactor& redactor) {
    ExpressionScope scope;
    scope.params = std::move(params);
    scope.batch = {{"id", batch_id},
                   {"data_dir", folder.batch(batch_id).string()},
                   {"pipeline", pipeline.name}};
    scope.env = [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    scope.secrets = [&redactor](std::string_view name) -> std::optional<std::string> {
        auto value = secretNamed(name);
        if (value) redactor.learn(*value);
        return value;
    };
    scope.params = expandDefaults(pipeline, std::move(scope.params), scope);
    usePathsOfFiles(scope.params, pipeline, folder, batch_id);
    return scope;
}

void addStageValues(ExpressionScope& scope, const StageRow& row) {
    scope.stages[row.stage_id] = {{"state", std::string(toString(row.state))},
                                  {"done", numberText(row.done)},
                                  {"total", numberText(row.total)},
                                  {"failed", std::to_string(row.failed)}};
}

}  // namespace sheafline
