// A class list: a CSV file with a header. Pure but for reading the file; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline::sheets {

// There is a column `id`, and no id occurs twice. The names of columns are in lower case.
struct Roster {
    std::vector<std::string> columns{};
    std::vector<std::vector<std::string>> students{};  // one value for each column
    std::vector<int> lines{};                          // of each student, in the file
};

// `file` is for messages. Accepts comma, semicolon and tab, a byte order mark, and CR LF. Throws
// ConfigError with all errors, each with its line.
SHEAFLINE_API Roster parseRoster(std::string_view text, const std::filesystem::path& file);
SHEAFLINE_API Roster readRoster(const std::filesystem::path& file);

}  // namespace sheafline::sheets
