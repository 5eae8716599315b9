// Computes the points of a sheet's answers with the template's key. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct NamedValue {
    std::string_view column;
    std::string_view value;
};

double scoreOf(const std::vector<NamedValue>& answers, const Template& sheet);

// Without needless zeros: 33, 5.5.
std::string scoreText(double score);

}  // namespace sheafline::sheets
