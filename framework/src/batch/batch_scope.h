// The values that the expressions of one batch can use.
#pragma once

#include "base/data_folder.h"
#include "base/redactor.h"
#include "history/history_reader.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

// `redactor` learns each secret that is read (pipeline/secrets.h says where they come from).
ExpressionScope batchScope(const std::string& batch_id, ParamValues params,
                           const Pipeline& pipeline, const DataFolder& folder, Redactor& redactor);
ExpressionScope batchScope(const BatchRow& batch, const Pipeline& pipeline,
                           const DataFolder& folder, Redactor& redactor);

// What expressions see of a stage: state, done, total and failed, as the history has them.
void addStageValues(ExpressionScope& scope, const StageRow& row);

}  // namespace sheafline
