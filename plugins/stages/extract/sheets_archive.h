// Makes the archive of a batch's sheets, sheets.zip, from an upload that is not a ZIP of images:
// one entry for each page of a PDF ("exam.pdf#3"), and every other file as it is. A run after a
// crash continues at the first page that is missing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "pdf/pdf_reader.h"
#include "upload_kind.h"
#include "zip/zip_archive.h"

namespace sheafline::extract {

struct SheetsArchiveUse {
    std::filesystem::path target{};  // sheets.zip
    std::filesystem::path folder{};  // where a PDF is while it is read
    PdfLimits pdf{};
    std::uint64_t max_bytes = 0;  // of all pages
    double max_ratio = 0;         // of the images in a PDF to its bytes: pages can share an image
    std::stop_token stop{};
    // Which share of the upload is done, and with what it is busy.
    std::function<void(double share, const std::string& what)> progress{};
};

// Whether an archive has PDFs, so that its sheets are not its entries.
bool hasPdf(const ZipArchive& archive);

// `file` is the upload itself: a PDF or an image, with the name that its sender gave it. Throws
// Error (PDF_UNREADABLE) if nobody can read the PDF.
void makeSheetsArchive(const std::filesystem::path& file, const std::string& name, UploadKind kind,
                       const SheetsArchiveUse& use);
// A PDF in the archive that nobody can read becomes one sheet with the reason.
void makeSheetsArchive(const ZipArchive& archive, const SheetsArchiveUse& use);

}  // namespace sheafline::extract
