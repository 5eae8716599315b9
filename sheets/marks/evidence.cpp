#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include <sheafline/sheets/read_sheet.h>

namespace sheafline::sheets {

namespace {

std::string number(double value, const char* format = "%.7g") {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) result += c;
    }
    return result + '"';
}

template <typename Items, typename Write>
std::string listOf(const Items& items, Write write) {
    std::string text = "[";
    for (const auto& item : items) text += (text.size() > 1 ? "," : "") + write(item);
    return text + "]";
}

std::string fieldText(const FieldReading& field) {
    return "{\"value\":" + quoted(field.value) + ",\"flag\":" + quoted(toString(field.flag)) +
           ",\"confidence\":" + number(field.confidence, "%.4f") + ",\"darkness\":" +
           listOf(field.darkness,
                  [](double darkness) { return std::to_string(std::lround(darkness * 100)); }) +
           "}";
}

}  // namespace

std::string evidenceOf(const SheetReading& reading, const Template& sheet) {
    const SheetAlignment& alignment = reading.alignment;
    std::string text =
        "{\"turns\":" + std::to_string(alignment.quarter_turns) +
        ",\"residual\":" + number(alignment.residual, "%.3f") +
        ",\"contrast\":" + number(alignment.outline_contrast, "%.3f") +
        ",\"map\":" + listOf(alignment.map.rows(), [](double value) { return number(value); }) +
        ",\"marks\":" +
        listOf(alignment.marks,
               [](Point mark) {
                   return "[" + number(mark.x, "%.2f") + "," + number(mark.y, "%.2f") + "]";
               }) +
        ",\"fields\":{";
    for (std::size_t i = 0; i < sheet.fields.size(); ++i) {
        text +=
            (i == 0 ? "" : ",") + quoted(sheet.fields[i].name) + ":" + fieldText(reading.fields[i]);
    }
    return text + "}}";
}

}  // namespace sheafline::sheets
