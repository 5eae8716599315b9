// A CSV file of decisions (RFC 4180, UTF-8; ';' or a tab also separate cells). Its first line names
// the columns, which are the keys of decision_json.h:
//
//     sheet,field,value,reason
//     3,q7,B,the cross is in B
//     5,q1,,
//
// Any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "decisions/decision_check.h"
#include "history/decisions/decision.h"

namespace sheafline {

// The place of each decision begins with the file's name and its line. Throws ConfigError with all
// findings.
std::vector<NewDecision> decisionsOfFile(const std::filesystem::path& file);

// The findings of a check as errors of that file.
[[noreturn]] void throwFindings(const std::filesystem::path& file,
                                const std::vector<NewDecision>& decisions,
                                const std::vector<DecisionProblem>& problems);

}  // namespace sheafline
