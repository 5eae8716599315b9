#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>

#include <sheafline/sheets/read_sheet.h>

#include "marks/evidence_identity.h"
#include "marks/page_view.h"

namespace sheafline::sheets {

namespace {

// Written one behind the other: texts in between would cost more than the digits.
void put(std::string& text, double value, std::chars_format format, int precision) {
    std::array<char, 32> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, format, precision);
    text.append(digits.data(), end.ptr);
}

void putFixed(std::string& text, double value, int decimals) {
    put(text, value, std::chars_format::fixed, decimals);
}

template <typename Items, typename Put>
void putList(std::string& text, const Items& items, Put put_item) {
    text += '[';
    for (const auto& item : items) {
        if (&item != &*std::begin(items)) text += ',';
        put_item(item);
    }
    text += ']';
}

// A field in doubt has the values of its bubbles too, because a person chooses one of them.
void putField(std::string& text, const FieldReading& field, const Field* in_doubt) {
    text += "{\"value\":";
    putQuoted(text, field.value);
    text += ",\"flag\":";
    putQuoted(text, toString(field.flag));
    text += ",\"confidence\":";
    putFixed(text, field.confidence, 4);
    text += ",\"darkness\":";
    putList(text, field.darkness,
            [&](double darkness) { text += std::to_string(std::lround(darkness * 100)); });
    if (in_doubt != nullptr) {
        text += ",\"values\":";
        putList(text, in_doubt->bubbles,
                [&](const Bubble& bubble) { putQuoted(text, bubble.value); });
    }
    text += '}';
}

// Of each field those of its first and its last bubble, because print bends little within one.
void putMoves(std::string& text, const BubbleMoves& moves, const Template& sheet) {
    if (moves.empty()) return;
    text += ",\"moves\":";
    std::size_t next = 0;
    putList(text, sheet.fields, [&](const Field& field) {
        const std::size_t count = field.bubbles.size();
        const Point first = count == 0 ? Point{} : moves[next];
        const Point last = count == 0 ? Point{} : moves[next + count - 1];
        next += count;
        putList(text, std::array{first.x, first.y, last.x, last.y},
                [&](double move) { putFixed(text, move, 2); });
    });
}

// Flagged columns, except those that are one field with the same name.
void putColumns(std::string& text, const SheetReading& reading, const Template& sheet) {
    bool first = true;
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        const OutputColumn& column = sheet.output[i];
        const bool is_field =
            column.fields.size() == 1 && sheet.fields[column.fields[0]].name == column.name;
        if (reading.columns[i].flag == FieldFlag::ok || is_field) continue;
        text += first ? ",\"columns\":{" : ",";
        first = false;
        putQuoted(text, column.name);
        text += ":{\"confidence\":";
        putFixed(text, reading.columns[i].confidence, 4);
        text += ",\"fields\":";
        putList(text, column.fields,
                [&](const std::size_t& field) { putQuoted(text, sheet.fields[field].name); });
        text += '}';
    }
    if (!first) text += '}';
}

std::vector<bool> fieldsInDoubt(const SheetReading& reading, const Template& sheet) {
    std::vector<bool> in_doubt(sheet.fields.size(), false);
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        if (reading.columns[i].flag == FieldFlag::ok) continue;
        for (const std::size_t field : sheet.output[i].fields) in_doubt[field] = true;
    }
    return in_doubt;
}

}  // namespace

std::string evidenceOf(const SheetReading& form_reading, const Template& form) {
    const PageView view(form, form_reading);
    const SheetReading& reading = view.reading;
    const Template& sheet = view.sheet;
    const SheetAlignment& alignment = reading.alignment;
    std::string text = "{";
    if (!sheet.identity.empty()) {
        // Where the code names another student, nobody knows whose sheet it is.
        text +=
            reading.identity_differs ? R"("identity":"",)" : identityPart(reading.columns, sheet);
    }
    if (reading.page > 0) text += "\"page\":" + std::to_string(reading.page) + ",";
    text += "\"turns\":" + std::to_string(alignment.quarter_turns) + ",\"residual\":";
    putFixed(text, alignment.residual, 3);
    text += ",\"contrast\":";
    putFixed(text, alignment.outline_contrast, 3);
    text += ",\"size\":[" + std::to_string(alignment.width) + "," +
            std::to_string(alignment.height) + "],\"map\":";
    putList(text, alignment.map.rows(),
            [&](double value) { put(text, value, std::chars_format::general, 7); });
    putMoves(text, alignment.moves, sheet);
    text += ",\"marks\":";
    putList(text, alignment.marks, [&](Point mark) {
        putList(text, std::array{mark.x, mark.y}, [&](double place) { putFixed(text, place, 2); });
    });
    text += ",\"fields\":{";
    const std::vector<bool> in_doubt = fieldsInDoubt(reading, sheet);
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) {
        if (i > 0) text += ',';
        putQuoted(text, sheet.fields[i].name);
        text += ':';
        putField(text, reading.fields[i], in_doubt[i] ? &sheet.fields[i] : nullptr);
    }
    text += '}';
    putColumns(text, reading, sheet);
    return text + "}";
}

}  // namespace sheafline::sheets
