// The screen of a terminal after it received some bytes. It knows enough for tests (text, line
// feeds, cursor up, erase below; colors are left out), with wrapping at its width.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

class TerminalScreen {
 public:
    explicit TerminalScreen(std::size_t columns) : columns_(columns) {}

    void write(std::string_view bytes) {
        while (!bytes.empty()) bytes.remove_prefix(take(bytes));
    }

    // The lines without trailing blanks, each followed by a line feed.
    std::string text() const {
        std::string all;
        for (const auto& row : rows_) {
            std::string line;
            for (const std::string& cell : row) line += cell;
            line.resize(line.find_last_not_of(' ') + 1);
            all += line + "\n";
        }
        return all.substr(0, all.find_last_not_of('\n') + 2);
    }

 private:
    std::size_t take(std::string_view bytes) {
        const char c = bytes.front();
        if (c == '\x1b') return control(bytes);
        if (c == '\r') {
            column_ = 0;
        } else if (c == '\n') {
            ++row_;
        } else {
            return put(bytes);
        }
        return 1;
    }

    // ESC [ number letter
    std::size_t control(std::string_view bytes) {
        const std::size_t end = bytes.find_first_not_of("0123456789;", 2);
        const std::string number(bytes.substr(2, end - 2));
        if (bytes[end] == 'A') row_ -= std::min<std::size_t>(row_, std::stoul(number));
        if (bytes[end] == 'J') rows_.resize(std::min(rows_.size(), row_));
        return end + 1;
    }

    std::size_t put(std::string_view bytes) {
        if (column_ == columns_) {
            column_ = 0;
            ++row_;
        }
        std::size_t length = 1;
        while (length < bytes.size() &&
               (static_cast<unsigned char>(bytes[length]) & 0xC0U) == 0x80) {
            ++length;
        }
        if (rows_.size() <= row_) rows_.resize(row_ + 1);
        if (rows_[row_].size() <= column_) rows_[row_].resize(column_ + 1, " ");
        rows_[row_][column_++] = bytes.substr(0, length);
        return length;
    }

    const std::size_t columns_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace sheafline
