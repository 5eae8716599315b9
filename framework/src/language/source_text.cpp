#include "language/source_text.h"

#include <algorithm>
#include <cstdint>

namespace sheafline {

namespace {

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The length of the well-formed character at the start of `text`; 0 where there is none
// (Unicode 15, table 3-7).
std::size_t characterLength(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) return 1;
    const std::size_t length = first < 0xC2   ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!isContinuation(text[i])) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool beyond = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

// The first byte at fault, or the end.
std::size_t firstFault(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) break;
        const std::size_t length = characterLength(text.substr(i));
        if (length == 0) break;
        i += length;
    }
    return i;
}

std::string messageFor(char byte) {
    return (static_cast<unsigned char>(byte) & 0x80U) != 0U ? "not UTF-8; save the file as UTF-8"
                                                            : "a control character; remove it";
}

}  // namespace

std::optional<std::string> textFault(std::string_view text) {
    const std::size_t at = firstFault(text);
    if (at == text.size()) return std::nullopt;
    return messageFor(text[at]);
}

SourceText::SourceText(std::string_view text) : text_(text) {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') line_starts_.push_back(i + 1);
}

std::size_t SourceText::offset(int line, int column) const {
    const auto wanted = static_cast<std::size_t>(std::max(line, 0));
    if (wanted >= line_starts_.size()) return text_.size();
    return std::min(line_starts_[wanted] + static_cast<std::size_t>(std::max(column, 0)),
                    text_.size());
}

SourceText::Place SourceText::place(std::size_t offset) const {
    const auto next = std::ranges::upper_bound(line_starts_, offset);
    const std::size_t line = static_cast<std::size_t>(next - line_starts_.begin());
    const std::string_view before =
        text_.substr(line_starts_[line - 1], offset - line_starts_[line - 1]);
    const auto characters =
        std::ranges::count_if(before, [](char c) { return !isContinuation(c); });
    return {.line = static_cast<int>(line), .column = static_cast<int>(characters) + 1};
}

std::optional<SourceText::Fault> SourceText::fault() const {
    const std::size_t at = firstFault(text_);
    if (at == text_.size()) return std::nullopt;
    return Fault{.place = place(at), .message = messageFor(text_[at])};
}

}  // namespace sheafline
