// Right answers and what they are worth.
//
//     file := ["question,answer,points,wrong,blank" LF] line*
//     line := question "," answer ["," points ["," wrong ["," blank]]] LF
//
// A question on several lines has several right answers. Points default to 1, to 0 where the
// answer is wrong or missing; a range of questions stands for each of them.
#pragma once

#include <filesystem>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// Throws ConfigError with all mistakes, which name the key's file and line.
std::vector<KeyedAnswer> readAnswerKey(const std::filesystem::path& file);

}  // namespace sheafline::sheets
