// Damaged and hostile PDFs: each one ends with its reason, within limits.
#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "extract_batch.h"
#include "image_files.h"
#include "pdf/bad_pdfs.h"
#include "pdf_bytes.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// One of several reasons, separated by '|'; an empty one always fits.
bool hasReason(const std::string& text, const std::string& reasons) {
    std::size_t from = 0;
    while (true) {
        const std::size_t end = reasons.find('|', from);
        const std::string reason = reasons.substr(from, end - from);
        if (reason.empty() || text.find(reason) != std::string::npos) return true;
        if (end == std::string::npos) return false;
        from = end + 1;
    }
}

bool mayBeRead(const BadPdf& bad) {
    return bad.file_reason.empty() || bad.file_reason.ends_with('|');
}

std::string smallPdf(int pages) {
    return pdfOf(std::vector<PdfPage>(static_cast<std::size_t>(pages),
                                      {.image = flateImage(sheets::softPage(60, 85))}));
}

}  // namespace

TEST_CASE("a bad PDF as the upload ends with its reason") {
    const BadPdf bad = GENERATE(from_range(badPdfs()));
    INFO(bad.name);
    ExtractBatch batch(bad.bytes);
    batch.run.nameInput("exam.pdf");
    const std::string outcome = batch.extract();
    INFO(batch.message);
    if (outcome == "done") {
        CHECK(mayBeRead(bad));
        REQUIRE(batch.run.sheets().size() >= 1);
        const Sheet first = batch.run.sheets().at(1);
        INFO(first.reason);
        CHECK(hasReason(first.reason, bad.page_reason));
        if (!bad.page_reason.empty()) CHECK(first.state == SheetState::quarantined);
    } else {
        CHECK(outcome == "PDF_UNREADABLE");
        CHECK_FALSE(bad.file_reason.empty());
        CHECK_THAT(batch.message, Catch::StartsWith("exam.pdf "));
        CHECK(hasReason(batch.message, bad.file_reason));
        CHECK(batch.run.sheets().size() == 0);
    }
}

TEST_CASE("a bad PDF in a ZIP is a quarantined sheet, and the others are read") {
    const std::vector<BadPdf> all = badPdfs();
    std::vector<ForgedEntry> entries;
    for (const BadPdf& bad : all)
        entries.push_back({.name = bad.name + ".pdf", .content = bad.bytes});
    entries.push_back({.name = "last.jpg", .content = jpegLike("x")});
    ExtractBatch batch(zipOf(entries));
    REQUIRE(batch.extract() == "done");
    const int count = static_cast<int>(batch.run.sheets().size());
    for (const BadPdf& bad : all) {
        INFO(bad.name);
        int found = 0;
        for (int n = 1; n <= count; ++n) {
            const Sheet sheet = batch.run.sheets().at(n);
            if (!sheet.file.starts_with(bad.name + ".pdf")) continue;
            ++found;
            if (sheet.file.ends_with(".pdf")) {
                CHECK(sheet.state == SheetState::quarantined);
                CHECK_THAT(sheet.reason, Catch::StartsWith("unreadable: the PDF "));
                CHECK(hasReason(sheet.reason, bad.file_reason));
            }
        }
        CHECK(found >= 1);
    }
    CHECK(batch.run.sheets().at(count).file == "last.jpg");
}

TEST_CASE("a PDF with more pages than max_pages is rejected, and in a ZIP quarantined") {
    ExtractBatch upload(smallPdf(4));
    upload.params["max_pages"] = {.text = "3"};
    CHECK(upload.extract() == "PDF_UNREADABLE");
    CHECK_THAT(upload.message, Catch::Contains("has 4 pages") && Catch::Contains("max_pages"));

    ExtractBatch archive(zipOf({{.name = "a.pdf", .content = smallPdf(2)},
                                {.name = "b.pdf", .content = smallPdf(2)},
                                {.name = "c.pdf", .content = smallPdf(1)}}));
    archive.params["max_pages"] = {.text = "3"};
    REQUIRE(archive.extract() == "done");
    CHECK(namesOf(archive) == "a.pdf#1|a.pdf#2|b.pdf|c.pdf#1|");
    CHECK_THAT(archive.run.sheets().at(3).reason,
               Catch::Contains("has 2 pages, and max_pages allows 1 more"));
}

TEST_CASE("a batch continues after kill -9 at the page that it had reached") {
    const std::string archive = zipOf({{.name = "a.pdf", .content = smallPdf(3)},
                                       {.name = "b.jpg", .content = jpegLike("b")},
                                       {.name = "c.pdf", .content = smallPdf(2)}});
    ExtractBatch whole(archive);
    REQUIRE(whole.extract() == "done");
    const std::string pages = readFile(whole.run.batchFolder() / "sheets.zip");
    const std::size_t step = pages.size() / 20;
    for (std::size_t length = 0; length < pages.size(); length += step) {
        INFO(length);
        ExtractBatch batch(archive);
        // What was written before the kill; some of it may be garbage after a power cut.
        writeFile(batch.run.batchFolder() / "sheets.zip.tmp",
                  pages.substr(0, length) + (length % 2 == 0 ? "garbage" : ""));
        REQUIRE(batch.extract() == "done");
        CHECK(readFile(batch.run.batchFolder() / "sheets.zip") == pages);
        CHECK(batch.sheets() == whole.sheets());
    }
}

TEST_CASE("an archive of an earlier version keeps its sheets, with the PDF quarantined") {
    ExtractBatch batch(zipOf(
        {{.name = "a.jpg", .content = jpegLike("a")}, {.name = "b.pdf", .content = smallPdf(2)}}));
    // As version 1 listed them.
    batch.run.sheets().add({{.number = 1, .file = "a.jpg"},
                            {.number = 2,
                             .file = "b.pdf",
                             .state = SheetState::quarantined,
                             .reason = "unreadable: the file is a PDF"}});
    batch.run.sheets().setEntries(2);
    batch.run.sheets().freeze();
    REQUIRE(batch.extract() == "done");
    CHECK(namesOf(batch) == "a.jpg|b.pdf|");
    CHECK_FALSE(std::filesystem::exists(batch.run.batchFolder() / "sheets.zip"));
}

TEST_CASE("pages that share an image cannot fill the disk") {
    const PdfImage image = plainImage(sheets::softPage(60, 85));
    PdfWriter pdf;
    pdf.addStream("/Type /XObject /Subtype /Image " + image.dictionary, image.data);
    pdf.addStream("", "q 595 0 0 842 0 0 cm /Im0 Do Q");
    std::string kids;
    constexpr int kPages = 50;
    for (int i = 0; i < kPages; ++i)
        kids += std::to_string(pdf.add("<< /Type /Page /MediaBox [0 0 595 842] /Contents 2 0 R "
                                       "/Resources << /XObject << /Im0 1 0 R >> >> >>")) +
                " 0 R ";
    const int tree =
        pdf.add("<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(kPages) + " >>");
    ExtractBatch batch(
        pdf.bytes(pdf.add("<< /Type /Catalog /Pages " + std::to_string(tree) + " 0 R >>")));
    batch.params["max_ratio"] = {.text = "3"};
    REQUIRE(batch.extract() == "done");
    REQUIRE(batch.run.sheets().size() == kPages);
    CHECK(batch.run.sheets().at(1).state == SheetState::waiting);
    CHECK_THAT(batch.run.sheets().at(kPages).reason, Catch::Contains("share images"));
    const auto archive = std::filesystem::file_size(batch.run.batchFolder() / "archive.zip");
    CHECK(std::filesystem::file_size(batch.run.batchFolder() / "sheets.zip") < 5 * archive);
}
