#include "scores/marked_choices.h"

#include <cstddef>

namespace sheafline::sheets {

namespace {

bool addMarks(const Field& field, std::string_view value, std::size_t from,
              std::vector<std::string>& marked) {
    if (value.empty()) return true;
    for (std::size_t i = from; i < field.bubbles.size(); ++i) {
        const std::string& mark = field.bubbles[i].value;
        if (mark.empty() || !value.starts_with(mark)) continue;
        marked.push_back(mark);
        if (addMarks(field, value.substr(mark.size()), i + 1, marked)) return true;
        marked.pop_back();
    }
    return false;
}

}  // namespace

std::optional<std::vector<std::string>> markedChoices(const Field& field, std::string_view value) {
    std::vector<std::string> marked;
    if (!addMarks(field, value, 0, marked)) return std::nullopt;
    return marked;
}

}  // namespace sheafline::sheets
