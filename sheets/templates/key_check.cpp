#include "templates/key_check.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

namespace sheafline::sheets {

namespace {

// Where a text may go on once these places of it were written.
using Places = std::set<std::size_t>;

void addAfter(Places& places, const std::string& text, std::string_view part) {
    if (part.empty()) return;
    const Places before = places;
    for (const std::size_t place : before) {
        if (text.compare(place, part.size(), part) == 0) places.insert(place + part.size());
    }
}

// A column writes, field by field, the values of the marked bubbles in their order, or what stands
// for an empty field.
bool canSay(const OutputColumn& column, const std::string& text, const Template& sheet) {
    if (text.empty() || text == sheet.empty_value) return true;
    Places places{0};
    for (const std::size_t field : column.fields) {
        Places after = places;
        for (const Bubble& bubble : sheet.fields[field].bubbles)
            addAfter(after, text, bubble.value);
        Places unread = places;
        addAfter(unread, text, sheet.empty_value);
        if (column.fields.size() > 1) addAfter(unread, text, sheet.placeholder);
        after.merge(unread);
        places = std::move(after);
    }
    return places.contains(text.size());
}

std::string valuesOf(const OutputColumn& column, const Template& sheet) {
    std::string values;
    for (const Bubble& bubble : sheet.fields[column.fields.front()].bubbles)
        values += (values.empty() ? "" : ", ") + bubble.value;
    return values;
}

}  // namespace

std::vector<std::string> findKeyFindings(const Template& sheet) {
    std::vector<std::string> findings;
    for (const KeyedAnswer& key : sheet.key) {
        const auto column = std::ranges::find(sheet.output, key.column, &OutputColumn::name);
        if (column == sheet.output.end() || column->fields.empty()) {
            findings.push_back("the key has an answer to '" + key.column +
                               "', which is not a column of the output; add it to the output or "
                               "remove it from the key");
            continue;
        }
        for (const auto& [answer, points] : key.right) {
            if (canSay(*column, answer, sheet)) continue;
            findings.push_back("the key says '" + answer + "' for '" + key.column +
                               "', whose values are " + valuesOf(*column, sheet) +
                               "; correct the key");
        }
    }
    return findings;
}

}  // namespace sheafline::sheets
