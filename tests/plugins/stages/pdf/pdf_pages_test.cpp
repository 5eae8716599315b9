// Pages of PDFs as sheets: the images that scanners make, taken out without rendering.
#include <algorithm>
#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/run_program.h>
#include <sheafline/sheets/read_image.h>

#include "extract_batch.h"
#include "image_files.h"
#include "pdf_bytes.h"

using namespace sheafline;
using namespace sheafline::test;
using sheets::GreyImage;

namespace {

GreyImage pageImage() { return sheets::softPage(595, 842); }

// A page whose pixels are black or white, with a black part at its top left.
GreyImage blackAndWhite() {
    GreyImage page = sheets::softPage(600, 850);
    for (auto& pixel : page.pixels) pixel = pixel < 128 ? 0 : 255;
    for (int y = 0; y < 100; ++y) std::fill_n(page.row(y).begin(), 100, std::uint8_t{0});
    return page;
}

std::string imageBytes(ExtractBatch& batch, int number) {
    return readFile(batch.run.sheets().at(number).path);
}

GreyImage seen(ExtractBatch& batch, int number) {
    const auto bytes = sheets::readBytes(batch.run.sheets().at(number).path);
    return sheets::readImage(bytes);
}

GreyImage turnedRight(const GreyImage& image) {
    GreyImage turned{.width = image.height, .height = image.width};
    turned.pixels.resize(image.pixels.size());
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x)
            turned.row(x)[static_cast<std::size_t>(image.height - 1 - y)] =
                image.row(y)[static_cast<std::size_t>(x)];
    return turned;
}

}  // namespace

TEST_CASE("each kind of image that scanners put into a PDF has its own pixels as a sheet") {
    const GreyImage page = pageImage();
    const GreyImage two = blackAndWhite();
    struct Kind {
        const char* name;
        PdfImage image;
        const GreyImage& truth;
        const char* ending;
        int difference;
    };
    const std::vector<Kind> kinds{
        {"DCT", jpegImage(page), page, ".jpg", 12},
        {"fax 4", faxImage(two), two, ".tif", 0},
        {"fax 4, black is 1", faxImage(two, true), two, ".tif", 0},
        {"fax 3", fax3Image(two, false), two, ".tif", 0},
        {"fax 3 in two dimensions", fax3Image(two, true), two, ".tif", 0},
        {"Flate", flateImage(page), page, ".tif", 0},
        {"Flate with predictor", pngPredictorImage(page), page, ".png", 0},
        {"RGB", colorImage(page), page, ".tif", 1},
        {"palette", paletteImage(page), page, ".tif", 16},
        {"mask", maskImage(two, false), two, ".tif", 0},
        {"inverted mask", maskImage(two, true), two, ".tif", 0},
        {"no filter", plainImage(page), page, ".tif", 0}};
    std::vector<PdfPage> pages;
    for (const Kind& kind : kinds) pages.push_back({.image = kind.image});
    ExtractBatch batch(pdfOf(pages));
    batch.run.nameInput("exam.pdf");
    REQUIRE(batch.extract() == "done");
    REQUIRE(batch.run.sheets().size() == kinds.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        INFO(kinds[i].name);
        const int number = static_cast<int>(i) + 1;
        const Sheet sheet = batch.run.sheets().at(number);
        CHECK(sheet.file == "exam.pdf#" + std::to_string(number));
        CHECK(sheet.page == 1);
        CHECK(sheet.reason.empty());
        CHECK(sheet.path.extension() == kinds[i].ending);
        CHECK(sheets::largestDifference(seen(batch, number), kinds[i].truth) <=
              kinds[i].difference);
    }
    CHECK(batch.run.progress().lastMessage() == "Extracted 12 pages from PDF");
}

TEST_CASE("the bytes of a JPEG in a PDF are those of the sheet") {
    const PdfImage image = jpegImage(pageImage());
    ExtractBatch batch(pdfOf({{.image = image}}));
    REQUIRE(batch.extract() == "done");
    CHECK_THAT(imageBytes(batch, 1), Catch::EndsWith(image.data.substr(2)));
}

TEST_CASE("a page is upright however it is turned and placed") {
    const GreyImage page = pageImage();
    const GreyImage right = turnedRight(page);
    const GreyImage down = turnedRight(right);
    const GreyImage left = turnedRight(down);
    struct Placed {
        const char* more;
        const char* content;
        const GreyImage& truth;
    };
    constexpr const char* kPlain = "q 595 0 0 842 0 0 cm /Im0 Do Q";
    const std::vector<Placed> cases{
        {"", kPlain, page},
        {"/Rotate 90", kPlain, right},
        {"/Rotate 180", kPlain, down},
        {"/Rotate 270", kPlain, left},
        {"/Rotate -90", kPlain, left},
        {"/Rotate 450", kPlain, right},
        {"", "q -595 0 0 -842 595 842 cm /Im0 Do Q", down},
        {"/MediaBox [0 0 842 595]", "q 0 -595 842 0 0 595 cm /Im0 Do Q", right},
        {"/MediaBox [0 0 842 595] /Rotate 90", "q 0 595 -842 0 842 0 cm /Im0 Do Q", page},
        {"", "q 0.24 0 0 0.24 0 0 cm q 2479.2 0 0 3508.3 0 0 cm /Im0 Do Q Q", page}};
    for (const auto& image : {flateImage(page), pngPredictorImage(page), jpegImage(page)}) {
        std::vector<PdfPage> pages;
        for (const Placed& placed : cases)
            pages.push_back({.image = image, .content = placed.content, .more = placed.more});
        ExtractBatch batch(pdfOf(pages));
        REQUIRE(batch.extract() == "done");
        REQUIRE(batch.run.sheets().size() == cases.size());
        for (std::size_t i = 0; i < cases.size(); ++i) {
            INFO(cases[i].more << ' ' << cases[i].content);
            CHECK(batch.run.sheets().at(static_cast<int>(i) + 1).reason.empty());
            CHECK(sheets::largestDifference(seen(batch, static_cast<int>(i) + 1), cases[i].truth) <=
                  12);
        }
    }
}

TEST_CASE("text that is only there to be searched leaves a page one image") {
    const std::string hidden = " BT 3 Tr /F1 12 Tf 10 10 Td (found by a search) Tj ET";
    ExtractBatch batch(pdfOf(
        {{.image = flateImage(pageImage()),
          .content = "q 595 0 0 842 0 0 cm /Im0 Do Q" + hidden,
          .resources = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"}}));
    REQUIRE(batch.extract() == "done");
    CHECK(batch.run.sheets().at(1).path.extension() == ".tif");
    CHECK(sheets::largestDifference(seen(batch, 1), pageImage()) == 0);
}

TEST_CASE("a page that is more than one image is drawn") {
    if (findProgram("pdftoppm").empty()) {
        WARN("skipped: pdftoppm is missing");
        return;
    }
    const PdfImage image = flateImage(pageImage());
    constexpr const char* kFont =
        "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";
    const std::vector<PdfPage> pages{
        {.image = image,
         .content = "q 595 0 0 842 0 0 cm /Im0 Do Q BT /F1 40 Tf 50 50 Td (Ada) Tj ET",
         .resources = kFont},
        {.image = image, .content = "q 595 0 0 842 0 0 cm /Im0 Do Q 0 0 100 100 re f"},
        {.image = image,
         .content = "q 595 0 0 421 0 0 cm /Im0 Do Q q 595 0 0 421 0 421 cm /Im0 Do Q"},
        {.image = image, .content = "q 300 0 0 400 100 100 cm /Im0 Do Q"},
        {.image = image, .content = "q 590 30 -30 840 0 0 cm /Im0 Do Q"},
        {.content = ""},
        {.image = image,
         .more = "/Annots [<< /Type /Annot /Subtype /Square /Rect [10 10 90 90] /AP << /N << "
                 "/Type /XObject >> >> >>]"}};
    ExtractBatch batch(pdfOf(pages));
    REQUIRE(batch.extract() == "done");
    REQUIRE(batch.run.sheets().size() == pages.size());
    for (int number = 1; number <= 5; ++number) {
        INFO(number);
        const Sheet sheet = batch.run.sheets().at(number);
        CHECK(sheet.reason.empty());
        CHECK(sheet.path.extension() == ".png");
        const GreyImage drawn = seen(batch, number);
        CHECK(std::abs(drawn.width - 1653) <= 2);  // 200 dpi
        CHECK(std::abs(drawn.height - 2339) <= 2);
    }
}

TEST_CASE("a page that must be drawn says so where pdftoppm is not installed") {
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", "/nowhere", 1);
    ExtractBatch batch(
        pdfOf({{.content = "0 0 100 100 re f"}, {.image = flateImage(pageImage())}}));
    const std::string outcome = batch.extract();
    ::setenv("PATH", path.c_str(), 1);
    REQUIRE(outcome == "done");
    const Sheet sheet = batch.run.sheets().at(1);
    CHECK(sheet.state == SheetState::quarantined);
    CHECK_THAT(sheet.reason, Catch::Contains("not one image (it has no image)") ||
                                 Catch::Contains("not one image (it has drawings)"));
    CHECK_THAT(sheet.reason, Catch::Contains("install poppler-utils"));
    CHECK(batch.run.sheets().at(2).state == SheetState::waiting);
    CHECK(batch.run.progress().lastMessage() == "Extracted 1 page from PDF (1 unreadable)");
}

TEST_CASE("PDFs in a ZIP have a sheet for each page, between the sheets of the other entries") {
    const std::string pdf =
        pdfOf({{.image = flateImage(pageImage())}, {.image = jpegImage(pageImage())}});
    ExtractBatch batch(zipOf({{.name = "a.jpg", .content = jpegLike("a")},
                              {.name = "class/exam.pdf", .content = pdf, .deflated = true},
                              {.name = "notes.txt", .content = "text"},
                              {.name = "scan", .content = pdf},
                              {.name = "z.jpg", .content = jpegLike("z"), .deflated = true}}));
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() ==
          "1 a.jpg 1 000001.jpg\n2 class/exam.pdf#1 1 000002.tif\n"
          "3 class/exam.pdf#2 1 000003.jpg\n4 scan#1 1 000005.tif\n5 scan#2 1 000006.jpg\n"
          "6 z.jpg 1 000007.jpg\n");
    CHECK(batch.run.sheets().content().skipped.size() == 1);
    CHECK(batch.filesBelow(batch.run.batchFolder()) == "archive.zip sheets.zip ");
    CHECK(batch.run.progress().lastMessage() == "Extracted 6 files from ZIP (1 ignored)");
}

TEST_CASE("an encrypted entry beside a PDF is one quarantined sheet or ignored") {
    ExtractBatch batch(
        zipOf({{.name = "a.pdf", .content = pdfOf({{.image = flateImage(pageImage())}})},
               {.name = "locked.jpg", .content = jpegLike("x"), .flags = 1},
               {.name = "locked.pdf", .content = "%PDF-1.7", .flags = 1},
               {.name = "locked.txt", .content = "x", .flags = 1}}));
    REQUIRE(batch.extract() == "done");
    CHECK(namesOf(batch) == "a.pdf#1|locked.jpg|locked.pdf|");
    for (const int number : {2, 3})
        CHECK_THAT(batch.run.sheets().at(number).reason, Catch::Contains("is encrypted"));
    CHECK(batch.run.sheets().content().skipped.size() == 1);
}

TEST_CASE("a lost file of a PDF's page is restored from the archive of pages") {
    ExtractBatch batch(
        pdfOf({{.image = flateImage(pageImage())}, {.image = jpegImage(pageImage())}}));
    REQUIRE(batch.extract() == "done");
    std::filesystem::remove(batch.run.sheets().at(2).path);
    batch.run.setChangedSheets({2});
    REQUIRE(batch.extract() == "done");
    CHECK(sheets::largestDifference(seen(batch, 2), pageImage()) <= 12);
}

TEST_CASE("a single image is a batch, and a TIFF has a sheet for each page") {
    const GreyImage page = pageImage();
    const auto jpeg = sheets::writeJpeg(page);
    const auto png = sheets::writePng(page);
    const auto webp = sheets::writeWebp(page);
    const auto tiff = sheets::writeTiff({page, page, page});
    const auto [bytes, listed] = GENERATE_REF(table<sheets::Bytes, std::string>(
        {{jpeg, "1 scan 1 000001.jpg\n"},
         {png, "1 scan 1 000001.png\n"},
         {webp, "1 scan 1 000001.webp\n"},
         {tiff, "1 scan 1 000001.tif\n2 scan 2 000001.tif\n3 scan 3 000001.tif\n"}}));
    ExtractBatch batch(std::string(bytes.begin(), bytes.end()));
    batch.run.nameInput("scan");
    REQUIRE(batch.extract() == "done");
    CHECK(batch.sheets() == listed);
}

TEST_CASE("what is neither an archive nor a PDF nor an image is rejected with what is accepted") {
    ExtractBatch batch("Dear teacher, here are the answers");
    CHECK(batch.extract() == "ARCHIVE_NOT_ZIP");
    CHECK_THAT(batch.message,
               Catch::Contains("give a ZIP of scans, a PDF, or a JPEG, PNG, TIFF or WebP"));
}
