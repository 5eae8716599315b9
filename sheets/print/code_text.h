// The text of a QR code from its pattern. Immutable; any thread.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/print_sheets.h>

namespace sheafline::sheets {

class CodeText {
 public:
    // The pattern and exam of the options, or their defaults. Throws ConfigError for an unknown or
    // unfinished {name}.
    explicit CodeText(const PrintOptions& options);

    // `student` is null for a blank form; `page` begins with 1.
    std::string of(const std::vector<std::string>* student, std::size_t page) const;

 private:
    // A literal text, or the number of a column, or one of the two names that every code can have.
    struct Part {
        enum class Kind { literal, exam, page, column } kind = Kind::literal;
        std::string text{};
        std::size_t column = 0;
    };

    std::string exam_;
    std::vector<Part> parts_{};
};

}  // namespace sheafline::sheets
