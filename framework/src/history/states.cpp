#include "history/states.h"

#include <array>
#include <cstddef>
#include <string>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::array<std::string_view, 10> kBatchStates{
    "uploading",   "queued",    "running",   "retrying", "cancelling",
    "interrupted", "reviewing", "completed", "failed",   "cancelled"};
constexpr std::array<std::string_view, 7> kStageStates{
    "pending", "running", "retrying", "completed", "failed", "skipped", "cancelled"};

template <typename Enum, std::size_t N>
Enum parsed(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names.at(i) == text) return static_cast<Enum>(i);
    }
    throw Error(ErrorClass::permanent, "HISTORY",
                "the history holds an unknown state '" + std::string(text) + "'");
}

}  // namespace

std::string_view toString(BatchState state) {
    return kBatchStates.at(static_cast<std::size_t>(state));
}
std::string_view toString(StageState state) {
    return kStageStates.at(static_cast<std::size_t>(state));
}
BatchState batchState(std::string_view text) { return parsed<BatchState>(kBatchStates, text); }
StageState stageState(std::string_view text) { return parsed<StageState>(kStageStates, text); }

SheetState sheetState(std::string_view text) {
    for (const SheetState state :
         {SheetState::waiting, SheetState::read, SheetState::quarantined, SheetState::discarded}) {
        if (toString(state) == text) return state;
    }
    throw Error(ErrorClass::permanent, "HISTORY",
                "the history holds an unknown sheet state '" + std::string(text) + "'");
}

bool isFinal(BatchState state) {
    return state == BatchState::completed || state == BatchState::failed ||
           state == BatchState::cancelled;
}

}  // namespace sheafline
