// Which choices of a question a column's value stands for. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// The values of the marked bubbles, in their order. Nothing if the text is not made of them.
std::optional<std::vector<std::string>> markedChoices(const Field& field, std::string_view value);

}  // namespace sheafline::sheets
