// Findings about a batch's codes: pages scanned twice, missing pages, unexpected codes, sheets
// without a code. Plain values: no run, no files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sheafline/sheets.h>
#include <sheafline/sheets/code_pattern.h>

namespace sheafline::organize_qr {

struct CodedSheet {
    Sheet sheet{};
    sheets::CodeParts parts{};           // of its code; empty if it has none
    bool only_foreign = false;           // it has a code, but none that fits the pattern
    std::vector<std::string> foreign{};  // other codes on its page that do not fit the pattern
};

struct CodeFinding {
    std::string kind{};  // duplicate, foreign, missing, unexpected, unreadable
    int sheet = 0;       // 0 if there is none
    std::string file{};
    int page = 0;
    std::string code{};
    std::string details{};
};

// In the order of the sheets, followed by missing pages. `expected` lists codes or students; if it
// is empty, missing pages are derived from the other sheets of the same group.
std::vector<CodeFinding> findFindings(const std::vector<CodedSheet>& sheets,
                                      const std::vector<std::string>& expected);

// The scans of pages that were scanned before, for `collect` (scanned_twice.cpp has the grammar).
std::string scannedTwice(const std::vector<CodedSheet>& sheets);

// One code or student a line. Throws Error where the file cannot be read.
std::vector<std::string> readExpected(const std::filesystem::path& file);

// RFC 4180, with a header; texts that a spreadsheet would take for a formula get a leading '.
std::string toCsv(const std::vector<CodeFinding>& findings);

}  // namespace sheafline::organize_qr
