// What the expressions of one batch can see.
#pragma once

#include "base/data_folder.h"
#include "base/redactor.h"
#include "history/history_reader.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

// Secrets come from SHEAFLINE_SECRET_NAME in the environment; each one that is asked for is told to
// `redactor`.
ExpressionScope batchScope(const BatchRow& batch, const Pipeline& pipeline,
                           const DataFolder& folder, Redactor& redactor);

}  // namespace sheafline
