// The running program `sheafline-pdf pages`: frames from its standard output, checked as untrusted
// input. The destructor kills it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <sheafline/file_descriptor.h>

#include "wire/page_frame.h"

namespace sheafline::extract {

struct PdfFrame {
    pdf::PageFrame head{};
    std::vector<std::uint8_t> bytes{};
};

class PdfProgram {
 public:
    explicit PdfProgram(const std::vector<std::string>& arguments);
    ~PdfProgram();
    PdfProgram(const PdfProgram&) = delete;
    PdfProgram& operator=(const PdfProgram&) = delete;

    // Nothing if the program ended, wrote something else or took too long; failure() says which.
    // Throws Error of class cancelled after a stop.
    std::optional<PdfFrame> next(std::uint64_t max_bytes, std::chrono::milliseconds timeout,
                                 const std::stop_token& stop);
    std::string failure();  // completes "reading it …"

 private:
    using Clock = std::chrono::steady_clock;

    bool fill(std::uint8_t* target, std::size_t length, Clock::time_point deadline,
              const std::stop_token& stop);
    int end();

    int pid_ = -1;
    FileDescriptor output_;
    bool late_ = false;
    bool wrong_ = false;
};

// The file of the program, beside this plugin. Throws Error (PDF_PROGRAM) if it is missing.
std::filesystem::path pdfProgramFile();

}  // namespace sheafline::extract
