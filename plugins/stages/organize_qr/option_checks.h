// What the options of organize_qr mean, checked. Each throws ConfigError with the option and the
// remedy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/find_code.h>

#include "options.h"

namespace sheafline::organize_qr {

sheets::CodePattern patternOf(const Options& options);
void requireGroupBy(const Options& options, const sheets::CodePattern& pattern);
// Of the option, or else of the template.
std::optional<sheets::CodeRegion> givenRegion(const Options& options);
std::vector<std::string> codeNames(const Options& options);

}  // namespace sheafline::organize_qr
