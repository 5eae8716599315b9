// Takes the pages out of a PDF with the program `sheafline-pdf`, which runs without rights and with
// limits. A page that crashes it, or takes too long, costs that page alone. One thread; the program
// is killed when the thread ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace sheafline::extract {

// Why nobody can read the file; completes "exam.pdf …".
class UnreadablePdf : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

struct PdfPage {
    std::uint64_t number = 0;  // 1-based
    std::uint64_t count = 0;   // of the file
    std::vector<std::uint8_t> image{};
    bool drawn = false;    // by pdftoppm
    std::string reason{};  // why there is no image
};

struct PdfLimits {
    std::uint64_t max_pages = 0;        // of this file
    std::uint64_t max_image_bytes = 0;  // of a page
    std::chrono::milliseconds page_timeout{60'000};
};

class PdfReader {
 public:
    // Throws Error (PDF_PROGRAM) if the program is missing.
    PdfReader(const PdfLimits& limits, std::stop_token stop);

    using Take = std::function<void(PdfPage)>;

    // The pages from `first` on, in order. Throws UnreadablePdf before the first page.
    void read(const std::filesystem::path& file, std::uint64_t first, std::uint64_t max_pages,
              const Take& take) const;

 private:
    struct Run;

    bool readSome(const std::filesystem::path& file, Run& run, const Take& take) const;
    PdfPage drawn(const std::filesystem::path& file, std::uint64_t number,
                  const std::string& why) const;

    const PdfLimits limits_;
    const std::stop_token stop_;
    const std::filesystem::path program_;
};

}  // namespace sheafline::extract
