#include "language/source_text.h"

#include <algorithm>

#include <sheafline/utf8.h>

namespace sheafline {

namespace {

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The first byte that is not allowed, or the end.
std::size_t firstFinding(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) break;
        const std::size_t length = utf8Length(text.substr(i));
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

std::optional<std::string> textFinding(std::string_view text) {
    const std::size_t at = firstFinding(text);
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

std::optional<SourceText::Finding> SourceText::finding() const {
    const std::size_t at = firstFinding(text_);
    if (at == text_.size()) return std::nullopt;
    return Finding{.place = place(at), .message = messageFor(text_[at])};
}

}  // namespace sheafline
