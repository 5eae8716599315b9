#include "language/text_template.h"

#include <algorithm>
#include <utility>

namespace sheafline {

namespace {

constexpr std::string_view kOpen = "${{";
constexpr std::string_view kEscapedOpen = "$${{";

// The place of the }} that closes the expression at `start`, skipping quoted texts.
std::size_t closingBraces(std::string_view value, std::size_t start) {
    char quote = '\0';
    for (std::size_t i = start; i + 1 < value.size(); ++i) {
        if (quote != '\0')
            quote = value[i] == quote ? '\0' : quote;
        else if (value[i] == '\'' || value[i] == '"')
            quote = value[i];
        else if (value.substr(i).starts_with("}}"))
            return i;
    }
    throw ExpressionError(start - kOpen.size(), "a ${{ without its }}; add it");
}

}  // namespace

std::vector<TemplatePart> splitTemplate(std::string_view value) {
    std::vector<TemplatePart> parts;
    std::string plain;
    const auto endPlain = [&] {
        if (!plain.empty()) parts.push_back({.text = std::exchange(plain, {})});
    };
    for (std::size_t i = 0; i < value.size();) {
        if (value.substr(i).starts_with(kEscapedOpen)) {
            plain += kOpen;
            i += kEscapedOpen.size();
        } else if (value.substr(i).starts_with(kOpen)) {
            endPlain();
            const std::size_t start = i + kOpen.size();
            const std::size_t end = closingBraces(value, start);
            parts.push_back({.text = std::string(value.substr(start, end - start)),
                             .is_expression = true,
                             .offset = start});
            i = end + 2;
        } else {
            plain += value[i++];
        }
    }
    endPlain();
    return parts;
}

bool hasExpression(const std::vector<TemplatePart>& parts) {
    return std::ranges::any_of(parts, &TemplatePart::is_expression);
}

bool isExpression(const std::vector<TemplatePart>& parts) {
    return parts.size() == 1 && parts.front().is_expression;
}

std::string expand(const std::vector<TemplatePart>& parts, const ExpressionScope& scope) {
    std::string text;
    for (const TemplatePart& part : parts)
        text += part.is_expression ? Expression(part.text).evaluate(scope) : part.text;
    return text;
}

}  // namespace sheafline
