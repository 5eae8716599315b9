// What the expressions of one batch can see.
#pragma once

#include "data_folder.h"
#include "history_reader.h"
#include "pipeline_loader.h"
#include "redactor.h"

namespace sheafline {

// Secrets come from SHEAFLINE_SECRET_NAME in the environment; each one that is asked for is told to
// `redactor`.
ExpressionScope batchScope(const BatchRow& batch, const Pipeline& pipeline,
                           const DataFolder& folder, Redactor& redactor);

}  // namespace sheafline
