// Damaged and hostile PDFs, made by a generator.
#pragma once

#include <string>
#include <vector>

namespace sheafline::test {

struct BadPdf {
    std::string name{};
    std::string bytes{};
    // A part of the reason why nobody can read the file; empty: its pages are sheets.
    std::string file_reason{};
    // If it has pages: a part of the reason of the first; empty: it is read.
    std::string page_reason{};
};

std::vector<BadPdf> badPdfs();

}  // namespace sheafline::test
