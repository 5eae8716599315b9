// The bytes of a file, with its lines: turns a byte of a line into what an editor shows, and finds
// bytes that no text may hold. The bytes outlive it. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

// Why these bytes are no text: bad UTF-8, control characters. Nothing where they are one.
std::optional<std::string> textFinding(std::string_view text);

class SourceText {
 public:
    struct Place {
        int line = 1;
        int column = 1;  // in characters
    };
    struct Finding {
        Place place{};
        std::string message{};
    };

    explicit SourceText(std::string_view text);

    // From line and column in bytes, both from 0, as a parser counts.
    std::size_t offset(int line, int column) const;
    Place place(int line, int column) const { return place(offset(line, column)); }
    Place place(std::size_t offset) const;
    std::optional<Finding> finding() const;
    std::string_view text() const { return text_; }

 private:
    std::string_view text_;
    std::vector<std::size_t> line_starts_{0};
};

}  // namespace sheafline
