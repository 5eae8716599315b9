// What people decide about the sheets of a batch, as rows of the history. A decision is pending
// until an apply makes it count: then it is `applying`, and `applied` once the batch has ended. A
// failed apply makes it pending again. Values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheafline/error.h>

#include "history/reruns.h"

namespace sheafline {

enum class DecisionKind {
    value,       // the field has this value
    confirm,     // the field has the value that was read
    qr,          // the sheet has this code
    discard,     // the sheet does not belong to the batch
    read_again,  // the sheet is read again from its image
    proceed,     // "continue": the batch continues without what is still open
    score,       // the batch has another key: all sheets are scored again
    undo,        // another decision does not count any more
};
enum class DecisionState { pending, applying, applied, undone };

std::string_view toString(DecisionKind kind);
std::string_view toString(DecisionState state);
DecisionKind decisionKind(std::string_view text);  // both throw Error (HISTORY)
DecisionState decisionState(std::string_view text);

struct NewDecision {
    int sheet = 0;  // 0: about the batch
    std::string field{};
    DecisionKind kind = DecisionKind::value;
    std::string value{};
    std::string reason{};
    std::string place{};  // the beginning of an error about it: "decisions.csv:12: ", or empty
    int undoes = 0;       // the id of the decision that an undo is about
    int replaces = 0;     // the id of an earlier decision that this one replaces knowingly
    bool force = false;   // read_again: although people decided about the sheet
};

// They are stored together or not at all.
struct NewDecisions {
    std::vector<NewDecision> list{};
    std::string user{};
    std::string request{};  // an id of this call, by which its decisions are found afterwards
};

struct Decision {
    int id = 0;  // 1, 2, 3 … in each batch
    int sheet = 0;
    std::string field{};
    DecisionKind kind = DecisionKind::value;
    std::string value{};
    int undoes = 0;
    std::string before{};       // the value, code or state before the decision
    std::string before_flag{};  // the doubt about the value, or why the sheet was quarantined
    std::string user{};
    std::string at{};  // UTC
    std::string reason{};
    DecisionState state = DecisionState::pending;
    int execution = 0;  // in which it was applied; 0 before
    int undone_by = 0;  // the decision that undid or replaced it
};

// Makes pending decisions count.
struct ApplyDecisions {
    int last = 0;                      // those with an id up to this one; 0: all
    std::string request{};             // only those of this call; empty: of all calls
    std::vector<RerunStage> reruns{};  // stages of the current execution that run again
    bool reversible = false;  // the batch has ended: if the apply fails, everything is as before
};

// Somebody else decided first.
class DecisionConflict : public Error {
 public:
    struct Place {
        std::size_t index = 0;  // into NewDecisions::list
        Decision first{};
        std::string message{};
    };
    explicit DecisionConflict(std::vector<Place> places);
    const std::vector<Place>& places() const { return places_; }

 private:
    std::vector<Place> places_;
};

}  // namespace sheafline
