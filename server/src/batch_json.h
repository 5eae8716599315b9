// Batches as JSON, for --json and for the API's status. docs/openapi describes the shapes.
#pragma once

#include <Poco/JSON/Object.h>

#include "history_reader.h"

namespace sheafline {

Poco::JSON::Object batchJson(const BatchRow& batch, BatchState shown);
Poco::JSON::Object stageJson(const StageRow& stage);
Poco::JSON::Object sheetJson(const Sheet& sheet);
std::string compactJson(const Poco::JSON::Object& object);

}  // namespace sheafline
