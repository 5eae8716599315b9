// Codes other than QR codes, drawn by the writer of ZXing, on pages as scanners see them.
#include <string>
#include <vector>

#include <ZXing/BitMatrix.h>
#include <ZXing/MultiFormatWriter.h>
#include <catch2/catch.hpp>

#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/read_image.h>

#include "code_page.h"
#include "sample/dice.h"
#include "sample/scan.h"
#include "sample_batch.h"

using namespace sheafline::sheets;
using sheafline::test::CodePage;

namespace {

constexpr int kDpi = 150;

struct Drawn {
    CodeFormat format;
    ZXing::BarcodeFormat writer;
    std::wstring text;
    int width;  // pixels
    int height;
};

const std::vector<Drawn> kDrawn{
    {CodeFormat::qr, ZXing::BarcodeFormat::QRCode, L"MATH-7B/1/2400123", 130, 130},
    {CodeFormat::datamatrix, ZXing::BarcodeFormat::DataMatrix, L"MATH-7B/1/2400123", 100, 100},
    {CodeFormat::aztec, ZXing::BarcodeFormat::Aztec, L"MATH-7B/1/2400123", 110, 110},
    {CodeFormat::pdf417, ZXing::BarcodeFormat::PDF417, L"MATH-7B/1/2400123", 420, 120},
    {CodeFormat::code128, ZXing::BarcodeFormat::Code128, L"MATH-7B/1/2400123", 460, 60},
    {CodeFormat::code39, ZXing::BarcodeFormat::Code39, L"MATH-2400123", 460, 60},
    {CodeFormat::ean, ZXing::BarcodeFormat::EAN13, L"4006381333931", 230, 70}};

std::string narrow(const std::wstring& text) { return {text.begin(), text.end()}; }

const std::vector<CodeFormat> kAll{CodeFormat::qr,     CodeFormat::datamatrix, CodeFormat::aztec,
                                   CodeFormat::pdf417, CodeFormat::code128,    CodeFormat::code39,
                                   CodeFormat::ean};

void add(GreyImage& page, const Drawn& drawn, int left, int top) {
    const ZXing::BitMatrix bits = ZXing::MultiFormatWriter(drawn.writer)
                                      .setMargin(0)
                                      .encode(drawn.text, drawn.width, drawn.height);
    for (int y = 0; y < bits.height(); ++y)
        for (int x = 0; x < bits.width(); ++x)
            if (bits.get(x, y))
                page.row(top + y)[static_cast<std::size_t>(left) + static_cast<std::size_t>(x)] =
                    25;
}

GreyImage emptyPage() { return blankImage(1240, 1754, kDpi); }

GreyImage scanned(const GreyImage& page, double turn) {
    Dice dice(3);
    return scan(page, {.turn_degrees = turn, .blur = 0.7, .noise = 4}, dice);
}

std::string outcome(const CodeResult& result) {
    return result.code ? result.code->text + " " + std::string(toString(result.code->format))
                       : result.reason;
}

}  // namespace

TEST_CASE("each kind of code is read in every direction of a scan") {
    for (const Drawn& drawn : kDrawn) {
        GreyImage page = emptyPage();
        add(page, drawn, 640, 120);
        const std::string expected = narrow(drawn.text) + " " + std::string(toString(drawn.format));
        for (int turns = 0; turns < 4; ++turns) {
            for (const double skew : {-2.0, 0.0, 3.0}) {
                INFO(expected << ", " << turns << " quarter turns and " << skew << " degrees");
                const GreyImage scan = turned(scanned(page, skew), turns);
                CHECK(outcome(findCode(scan, {.formats = {drawn.format}})) == expected);
            }
        }
    }
}

TEST_CASE("only the kinds of codes that are asked for are read") {
    for (const Drawn& drawn : kDrawn) {
        GreyImage page = emptyPage();
        add(page, drawn, 640, 120);
        std::vector<CodeFormat> others = kAll;
        std::erase(others, drawn.format);
        INFO(toString(drawn.format));
        CHECK(outcome(findCode(page, {.formats = others})) == "no code found");
        CHECK_FALSE(findCode(page, {.formats = others}).blank_page);
    }
}

TEST_CASE("bars never win over another code that fits, and the pattern chooses among codes") {
    const auto student = [](std::string_view text) { return text.starts_with("MATH-"); };
    GreyImage page = emptyPage();
    add(page, kDrawn[4], 100, 900);
    add(page, kDrawn[6], 100, 1200);
    const CodeSearch search{.fits = student, .formats = kAll};
    CHECK(outcome(findCode(page, search)) == "MATH-7B/1/2400123 code128");
    Drawn qr = kDrawn[0];
    qr.text = L"MATH-9C/2/777";
    add(page, qr, 900, 120);
    CHECK(outcome(findCode(page, search)) == "MATH-9C/2/777 qr");
    Drawn other = kDrawn[1];
    other.text = L"MATH-9C/2/778";
    add(page, other, 100, 120);
    CHECK(outcome(findCode(page, search)) == "two codes fit: 'MATH-9C/2/777' and 'MATH-9C/2/778'");
    // A text that does not fit the pattern is reported, and does not count.
    CHECK(outcome(findCode(page, {.fits = [](auto text) { return text == "4006381333931"; },
                                  .formats = kAll})) == "4006381333931 ean");
}

TEST_CASE("no code is seen on sheets whose codes are painted over") {
    for (const SampleProfile profile : {SampleProfile::typical, SampleProfile::hard}) {
        for (const auto& [name, sheet] :
             makeSampleBatch({.sheets = 12, .seed = 77, .profile = profile})) {
            GreyImage page = readImage(sheet.bytes);
            for (int y = 0; y < page.height / 5; ++y)
                for (int x = page.width * 3 / 5; x < page.width; ++x)
                    page.row(y)[static_cast<std::size_t>(x)] = 250;
            const CodeResult result = findCode(page, {.formats = kAll});
            CHECK(outcome(result) == "no code found");
            CHECK(result.foreign.empty());
            CHECK_FALSE(result.blank_page);
        }
    }
}
