// Makes a ZIP of filled demo sheets like scans, and the true answers of each, to measure a reader.
// The same options give the same bytes on every machine. Uses all cores and the memory of some
// pages. Throws std::runtime_error if a file cannot be written.
//
// Truth is a JSON object by the entry's name:
//
//     {"scan-00001.jpg": {"qr": "MATH-7B/1/2400123", "answers": {"student": "2400123", "q1": "C"},
//      "doubt": {"q9": "multiple"}, "kinds": {"q9": "double"}, "expect": "read"}}
//
// `answers` are in the template's order, those of a sheet of two pages without the other page.
// `doubt` names doubtful answers and the reason, if there are any. `kinds` says how an answer was
// marked if it was not filled firmly. For a bad case, `case` is its kind, and `expect` says whether
// a batch should have it `read`, `quarantined`, `discarded` or `ignored`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sheafline::sheets {

enum class SampleProfile { clean, typical, hard };

struct SampleOptions {
    int sheets = 100;  // good ones; bad cases come on top
    // Of each student, 1 or 2: the second has further 60 questions and no grid for the number.
    int pages = 1;
    std::filesystem::path out{};
    std::filesystem::path truth{};  // empty: not written
    std::uint64_t seed = 1;
    SampleProfile profile = SampleProfile::typical;
    int dpi = 150;  // 100 to 300
    bool bad_cases = false;
    std::string exam = "MATH";
    std::vector<std::string> classes{};  // empty: 5A, 5B … as many as the sheets fill, at most 40
    int jpeg_quality = 0;                // 1 to 100; 0: as the profile has it
};

void writeSamples(const SampleOptions& options);

}  // namespace sheafline::sheets
