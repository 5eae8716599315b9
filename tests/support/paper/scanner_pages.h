// The same scanned pages as a PDF and as a ZIP of images: JPEG, fax and lossless pages in turn, as
// scanners write them.
#pragma once

#include <filesystem>
#include <string>

namespace sheafline::test {

struct ScannerPages {
    std::string pdf{};
    std::string zip{};
    int pages = 0;
};

// From an archive that `sheafline sample` made.
ScannerPages scannerPages(const std::filesystem::path& samples);

}  // namespace sheafline::test
