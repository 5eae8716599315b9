#include "marks/stored_page.h"

#include <cmath>
#include <string>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sheets/form_pages.h>

namespace sheafline::sheets {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

FieldFlag flagNamed(const std::string& name) {
    for (const FieldFlag flag : {FieldFlag::ok, FieldFlag::blank, FieldFlag::multiple,
                                 FieldFlag::faint, FieldFlag::erased, FieldFlag::circled}) {
        if (toString(flag) == name) return flag;
    }
    return FieldFlag::unreadable;
}

// The value of several marks is theirs one behind the other, in the template's order.
std::vector<bool> marksOf(const Field& field, const FieldReading& read) {
    std::vector<bool> marked(field.bubbles.size(), false);
    std::string_view rest = read.value;
    for (std::size_t i = 0; i < marked.size() && !rest.empty(); ++i) {
        const std::string& value = field.bubbles[i].value;
        marked[i] = read.flag == FieldFlag::multiple ? !value.empty() && rest.starts_with(value)
                                                     : value == rest;
        if (marked[i]) rest.remove_prefix(value.size());
    }
    return marked;
}

double numberAt(const Array& list, unsigned index) {
    const auto value = list.getElement<double>(index);
    if (!std::isfinite(value)) throw Poco::RangeException("a number is not finite");
    return value;
}

Array::Ptr listOf(const Object& json, const std::string& name, std::size_t size) {
    auto list = json.getArray(name);
    if (list.isNull() || list->size() != size) throw Poco::NotFoundException(name);
    return list;
}

Array::Ptr listAt(const Array& lists, unsigned index, std::size_t size) {
    auto list = lists.getArray(index);
    if (list.isNull() || list->size() != size) throw Poco::NotFoundException("a list of numbers");
    return list;
}

// Each field has the moves of its first and its last bubble; those between lie between.
BubbleMoves movesOf(const Array& stored, const Template& sheet) {
    BubbleMoves moves;
    for (unsigned f = 0; f < sheet.fields.size(); ++f) {
        const auto ends = listAt(stored, f, 4);
        const std::size_t count = sheet.fields[f].bubbles.size();
        for (std::size_t b = 0; b < count; ++b) {
            const double share =
                count < 2 ? 0 : static_cast<double>(b) / static_cast<double>(count - 1);
            moves.push_back({.x = (1 - share) * numberAt(*ends, 0) + share * numberAt(*ends, 2),
                             .y = (1 - share) * numberAt(*ends, 1) + share * numberAt(*ends, 3)});
        }
    }
    return moves;
}

// Throws Poco::Exception if something is missing.
SheetAlignment alignmentOf(const Object& json, const Template& sheet) {
    SheetAlignment alignment;
    const auto size = listOf(json, "size", 2);
    const auto rows = listOf(json, "map", 9);
    std::array<double, 9> map{};
    for (unsigned i = 0; i < map.size(); ++i) map.at(i) = numberAt(*rows, i);
    alignment.map = Homography(map);
    alignment.quarter_turns = json.optValue("turns", 0);
    if (json.has("moves"))
        alignment.moves = movesOf(*listOf(json, "moves", sheet.fields.size()), sheet);
    if (const auto marks = json.getArray("marks")) {
        for (unsigned i = 0; i < marks->size(); ++i) {
            const auto mark = listAt(*marks, i, 2);
            alignment.marks.push_back({.x = numberAt(*mark, 0), .y = numberAt(*mark, 1)});
        }
    }
    alignment.width = size->getElement<int>(0);
    alignment.height = size->getElement<int>(1);
    return alignment;
}

// Throws Poco::Exception if something is missing.
StoredPage pageOf(const Object& json, const Template& form) {
    const auto fields = json.getObject("fields");
    if (fields.isNull()) throw Poco::NotFoundException("fields");
    StoredPage page{.sheet = pageNumbered(form, json.optValue("page", 0))};
    for (const Field& field : page.sheet.fields) {
        const auto stored = fields->getObject(field.name);
        if (stored.isNull()) throw Poco::NotFoundException(field.name);
        FieldReading read{.value = stored->getValue<std::string>("value"),
                          .flag = flagNamed(stored->getValue<std::string>("flag")),
                          .confidence = stored->optValue<double>("confidence", 1)};
        read.marked = marksOf(field, read);
        page.fields.push_back(std::move(read));
    }
    try {
        page.alignment = alignmentOf(json, page.sheet);
    } catch (const Poco::Exception&) {
        page.alignment = {};  // what was read is enough to score the page again
    }
    return page;
}

}  // namespace

std::optional<StoredPage> storedPage(std::string_view evidence, const Template& form) {
    try {
        const auto json = Poco::JSON::Parser().parse(std::string(evidence)).extract<Object::Ptr>();
        return pageOf(*json, form);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

}  // namespace sheafline::sheets
