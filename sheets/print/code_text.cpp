#include "print/code_text.h"

#include <algorithm>
#include <string_view>

#include <sheafline/error.h>

namespace sheafline::sheets {

namespace {

bool hasColumn(const PrintOptions& options, const std::string& name) {
    return options.roster &&
           std::ranges::find(options.roster->columns, name) != options.roster->columns.end();
}

std::string patternOf(const PrintOptions& options) {
    if (!options.code.empty()) return options.code;
    std::string pattern = hasColumn(options, "class") ? "{exam}-{class}/{page}" : "{exam}/{page}";
    return options.roster ? pattern + "/{id}" : pattern;
}

// Capitals and digits, as the patterns of organize_qr usually take them.
std::string examOf(const PrintOptions& options) {
    if (!options.exam.empty()) return options.exam;
    std::string exam;
    for (const char c : options.pages.front().name) {
        if (c >= 'a' && c <= 'z') exam += static_cast<char>(c - 'a' + 'A');
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) exam += c;
    }
    return exam.empty() ? "EXAM" : exam;
}

}  // namespace

CodeText::CodeText(const PrintOptions& options) : exam_(examOf(options)) {
    const std::string pattern = patternOf(options);
    const auto wrong = [&](const std::string& why) -> ConfigError {
        return ConfigError("code '" + pattern + "': " + why);
    };
    std::string_view rest = pattern;
    while (!rest.empty()) {
        const std::size_t open = rest.find('{');
        if (open != 0) {
            parts_.push_back({.text = std::string(rest.substr(0, open))});
            rest.remove_prefix(std::min(open, rest.size()));
            continue;
        }
        const std::size_t close = rest.find('}');
        if (close == std::string_view::npos) throw wrong("a brace is not closed");
        const std::string name(rest.substr(1, close - 1));
        rest.remove_prefix(close + 1);
        if (name == "exam" || name == "page") {
            parts_.push_back({.kind = name == "exam" ? Part::Kind::exam : Part::Kind::page});
        } else if (hasColumn(options, name)) {
            const auto& columns = options.roster->columns;
            parts_.push_back({.kind = Part::Kind::column,
                              .column = static_cast<std::size_t>(std::ranges::find(columns, name) -
                                                                 columns.begin())});
        } else {
            throw wrong("there is no '" + name + "'" +
                        (options.roster ? " in the roster" : " without a roster") +
                        "; use exam, page or a column of the roster");
        }
    }
}

std::string CodeText::of(const std::vector<std::string>* student, std::size_t page) const {
    std::string text;
    for (const Part& part : parts_) {
        switch (part.kind) {
            case Part::Kind::literal:
                text += part.text;
                break;
            case Part::Kind::exam:
                text += exam_;
                break;
            case Part::Kind::page:
                text += std::to_string(page);
                break;
            case Part::Kind::column:
                if (student != nullptr) text += student->at(part.column);
                break;
        }
    }
    return text;
}

}  // namespace sheafline::sheets
