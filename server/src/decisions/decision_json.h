// Decisions as JSON, and as a CSV file whose columns are the same keys:
//
//     {"sheet": 3, "field": "q7", "value": "B"}     the field has this value; "" for no answer
//     {"sheet": 3, "field": "q7", "confirm": true}  what was read is right
//     {"sheet": 3, "qr": "MATH-7B/1/2400123"}       the sheet has this code
//     {"sheet": 3, "discard": true}                 it does not belong to the batch
//     {"sheet": 3, "read_again": true}              it is read again from its image
//     {"continue": true}                            the batch continues without what is open
//     {"undo": 12}                                  decision 12 does not count any more
//
// Each may also have "reason"; "replace" with the id of the decision that it replaces; and, with
// "read_again", "force". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/JSON/Object.h>

#include "decisions/decision_check.h"
#include "history/decisions/decision.h"

namespace sheafline {

struct GivenDecisions {
    std::vector<NewDecision> list{};
    std::vector<DecisionProblem> problems{};
};

// Throws Poco::Exception if the text is no JSON array.
GivenDecisions decisionsOf(std::string_view json);

// One decision with the texts of some keys, such as the cells of a line in a file. Cells that are
// empty do not count, but for `value` of a decision about a field.
GivenDecisions decisionOfCells(const std::vector<std::string>& keys,
                               const std::vector<std::string>& cells);

// The keys that a decision can have.
std::vector<std::string> decisionKeys();

Poco::JSON::Object decisionJson(const Decision& decision);

inline constexpr std::size_t kMostDecisions = 100'000;  // in one list

}  // namespace sheafline
