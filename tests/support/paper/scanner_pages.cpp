#include "scanner_pages.h"

#include <limits>
#include <utility>
#include <vector>

#include <sheafline/sheets/read_image.h>

#include "image_files.h"
#include "pdf_bytes.h"
#include "zip/zip_archive.h"
#include "zip_bytes.h"

namespace sheafline::test {

namespace {

constexpr extract::ZipLimits kNoLimits{.max_bytes = std::numeric_limits<std::uint64_t>::max(),
                                       .max_entries = std::numeric_limits<std::uint32_t>::max(),
                                       .max_entry_bytes = std::numeric_limits<std::uint64_t>::max(),
                                       .max_ratio = 1e18};

std::string textOf(const sheets::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

ScannerPages scannerPages(const std::filesystem::path& samples) {
    const extract::ZipArchive archive(samples, "the samples", kNoLimits);
    extract::Inflater inflater(archive);
    std::vector<PdfPage> pages;
    std::vector<ForgedEntry> entries;
    std::vector<std::uint8_t> bytes;
    for (const extract::ZipEntry& entry : archive.entries()) {
        inflater.inflate(entry, bytes);
        if (!sheets::imageFormat(bytes)) continue;
        const sheets::GreyImage image = sheets::readImage(bytes);
        std::string name = std::to_string(pages.size() + 1);
        name.insert(0, 4 - name.size(), '0');
        switch (pages.size() % 3) {
            case 0: {
                const PdfImage jpeg = jpegImage(image);
                entries.push_back({.name = name + ".jpg", .content = jpeg.data});
                pages.push_back({.image = jpeg});
                break;
            }
            case 1:
                entries.push_back({.name = name + ".tif", .content = blackAndWhiteTiff(image)});
                pages.push_back({.image = faxImage(image)});
                break;
            default:
                entries.push_back(
                    {.name = name + ".png", .content = textOf(sheets::writePng(image))});
                pages.push_back({.image = pngPredictorImage(image)});
        }
    }
    const int count = static_cast<int>(pages.size());
    return {.pdf = pdfOf(pages), .zip = zipOf(std::move(entries)), .pages = count};
}

}  // namespace sheafline::test
