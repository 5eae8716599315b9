// Batches as JSON, for --json and for the API's status. docs/openapi describes the shapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sheafline/params.h>
#include <sheafline/sink.h>

#include "history/history_reader.h"

namespace sheafline {

struct BatchFile;

Poco::JSON::Object batchJson(const BatchRow& batch, BatchState shown);
Poco::JSON::Array filesJson(const std::vector<BatchFile>& files, const std::string& batch_id);
Poco::JSON::Object stageJson(const StageRow& stage);
Poco::JSON::Object sheetJson(const Sheet& sheet);
Poco::JSON::Object entryJson(const SkippedEntry& entry);
// The answer of /status: the batch, its newest event as it was committed, its stages and artifacts.
std::string statusJson(const BatchRow& batch, BatchState shown, HistoryReader& history);
// The data of a batch that a sink may read.
BatchView batchView(const BatchRow& batch, BatchState shown, HistoryReader& history);
// A batch whose owner has ended is interrupted, whatever state the history has. `owner_id` is the
// id of the living owner, or empty.
BatchState shownState(const BatchRow& batch, std::string_view owner_id);
std::string compactJson(const Poco::JSON::Object& object);

}  // namespace sheafline
