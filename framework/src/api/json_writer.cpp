#include <array>
#include <charconv>
#include <cmath>

#include <sheafline/json_writer.h>
#include <sheafline/utf8.h>

namespace sheafline {

namespace {

bool isPlain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void appendUnicodeEscape(std::string& json, unsigned byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    json += "\\u00";
    json += kHex[byte >> 4U];
    json += kHex[byte & 0xFU];
}

// Appends the first character of `text`, which is not plain, and returns its length in bytes.
std::size_t appendSpecial(std::string& json, std::string_view text) {
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte == '"' || byte == '\\') {
        json += '\\';
        json += text.front();
    } else if (byte == '\n') {
        json += "\\n";
    } else if (byte == '\t') {
        json += "\\t";
    } else if (byte < 0x80) {
        appendUnicodeEscape(json, byte);
    } else {
        const std::size_t length = utf8Length(text);
        if (length == 0) {
            json += "\xEF\xBF\xBD";
            return 1;
        }
        const auto second = static_cast<unsigned char>(text[1]);
        // A C1 control: some terminals obey it, and JSON is printed as it is.
        if (byte == 0xC2 && second < 0xA0) {
            appendUnicodeEscape(json, second);
        } else {
            json.append(text.substr(0, length));
        }
        return length;
    }
    return 1;
}

void appendText(std::string& json, std::string_view text) {
    json += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && isPlain(text[plain])) ++plain;
        json.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (!text.empty()) text.remove_prefix(appendSpecial(json, text));
    }
    json += '"';
}

template <typename... Value>
void appendNumber(std::string& json, Value... value) {
    // Enough for a double in full: 309 digits before the point, and decimals.
    std::array<char, 352> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value...);
    json.append(digits.data(), end.ptr);
}

}  // namespace

void JsonWriter::separate() {
    if (json_.empty()) return;
    const char last = json_.back();
    if (last != '{' && last != '[' && last != ':') json_ += ',';
}

JsonWriter& JsonWriter::beginObject() {
    separate();
    json_ += '{';
    return *this;
}

JsonWriter& JsonWriter::endObject() {
    json_ += '}';
    return *this;
}

JsonWriter& JsonWriter::beginArray() {
    separate();
    json_ += '[';
    return *this;
}

JsonWriter& JsonWriter::endArray() {
    json_ += ']';
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    appendText(json_, name);
    json_ += ':';
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    separate();
    appendText(json_, value);
    return *this;
}

JsonWriter& JsonWriter::fixed(double value, int decimals) {
    if (!std::isfinite(value)) return raw("null");
    separate();
    appendNumber(json_, value, std::chars_format::fixed, decimals);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    json_ += json;
    return *this;
}

JsonWriter& JsonWriter::signedInteger(std::int64_t value) {
    separate();
    appendNumber(json_, value);
    return *this;
}

JsonWriter& JsonWriter::unsignedInteger(std::uint64_t value) {
    separate();
    appendNumber(json_, value);
    return *this;
}

std::string jsonText(std::string_view text) {
    std::string json;
    json.reserve(text.size() + 2);
    appendText(json, text);
    return json;
}

}  // namespace sheafline
