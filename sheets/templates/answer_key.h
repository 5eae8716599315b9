// Right answers and their points.
//
//     file := ["question,answer,points,wrong,blank" LF] line*
//     line := question "," answer ["," points ["," wrong ["," blank]]] LF
//
// A question on several lines, or with an answer in quotes such as "D,E", has several right
// answers. Points default to 1, and to 0 if the answer is wrong or missing. A range of questions
// has one line for all of them.
#pragma once

#include <filesystem>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// Throws ConfigError with all findings, which name the key's file and line.
std::vector<KeyedAnswer> readAnswerKey(const std::filesystem::path& file);

}  // namespace sheafline::sheets
