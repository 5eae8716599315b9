// The states of batches, stages and sheets as texts, as the history and the API have them. Any
// thread.
#pragma once

#include <string_view>

#include <sheafline/sheets.h>

namespace sheafline {

enum class BatchState {
    uploading,
    queued,
    running,
    retrying,
    cancelling,
    interrupted,
    reviewing,
    completed,
    failed,
    cancelled
};
enum class StageState { pending, running, retrying, completed, failed, skipped, cancelled };

std::string_view toString(BatchState state);
std::string_view toString(StageState state);
// Throw Error (HISTORY) if no state has this name.
BatchState batchState(std::string_view text);
StageState stageState(std::string_view text);
SheetState sheetState(std::string_view text);

bool isFinal(BatchState state);

}  // namespace sheafline
