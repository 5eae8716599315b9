#include "history/decisions/decision.h"

#include <array>
#include <cstddef>

namespace sheafline {

namespace {

constexpr std::array<std::string_view, 8> kKinds{"value",      "confirm",  "qr",    "discard",
                                                 "read_again", "continue", "score", "undo"};
constexpr std::array<std::string_view, 4> kStates{"pending", "applying", "applied", "undone"};

template <typename Enum, std::size_t N>
Enum parsedWord(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names.at(i) == text) return static_cast<Enum>(i);
    }
    throw Error(ErrorClass::permanent, "HISTORY",
                "the history holds a decision with the unknown word '" + std::string(text) + "'");
}

}  // namespace

std::string_view toString(DecisionKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }
std::string_view toString(DecisionState state) {
    return kStates.at(static_cast<std::size_t>(state));
}
DecisionKind decisionKind(std::string_view text) { return parsedWord<DecisionKind>(kKinds, text); }
DecisionState decisionState(std::string_view text) {
    return parsedWord<DecisionState>(kStates, text);
}

DecisionConflict::DecisionConflict(std::vector<Place> places)
    : Error(ErrorClass::permanent, "DECIDED", places.front().message), places_(std::move(places)) {}

}  // namespace sheafline
