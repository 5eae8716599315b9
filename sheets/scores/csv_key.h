// Right answers and their points as CSV.
//
//     file := ["question,answer,points,wrong,blank" LF] line*
//     line := question "," answer ["," points ["," wrong ["," blank]]] LF
//
// A question on several lines, or with an answer in quotes such as "D,E", has several right
// answers. Points default to 1, and to 0 if the answer is wrong or missing. A range of questions
// has one line for all of them.
#pragma once

#include <string_view>
#include <vector>

#include <sheafline/sheets/scoring_key.h>

#include "language/finding_list.h"

namespace sheafline::sheets {

struct CsvKey {
    std::vector<KeyedAnswer> answers{};
    std::vector<int> lines{};  // for each answer, where it was named first
};

CsvKey readCsvKey(std::string_view text, FindingList& findings);

}  // namespace sheafline::sheets
