// Finds the code of a page: first where it is expected, then harder and wider, until a text fits
// or nothing is left to try. What it cannot read it rejects; a text that it gives was confirmed by
// the code's own error correction and by the caller's `fits`. The answer depends on the page and
// the search alone. Thread-safe. On crafted images it may take very long: run it in a process that
// can be killed.
//
//     const CodeResult result = findCode(readBytes(path), {.fits = looksLikeOurs});
//     if (!result.code) quarantine(result.reason);
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/code_format.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/page_box.h>
#include <sheafline/sheets/read_image.h>

namespace sheafline::sheets {

struct Template;

// The region where codes usually are, on an upright page.
struct CodeRegion {
    PageBox box{};
    int quarter_turns = 0;   // of the code on such a page, clockwise
    bool landscape = false;  // such a page is wider than high
};

struct CodeSearch {
    std::function<bool(std::string_view)> fits{};  // not set: any text
    std::optional<CodeRegion> region{};            // not set: search everywhere
    // Bars count only on a page that has none of the others.
    std::vector<CodeFormat> formats{CodeFormat::qr};
    ReadOptions image{};
};

struct FoundCode {
    std::string text{};
    CodeFormat format = CodeFormat::qr;
    std::array<std::array<double, 2>, 4>
        corners{};            // x, y in shares of the page, as it was scanned
    int quarter_turns = 0;    // of the code on the page, clockwise
    bool landscape = false;   // the page is wider than high
    std::string_view step{};  // which step of the search found it
};

struct CodeResult {
    std::optional<FoundCode> code{};
    std::string reason{};                // why there is no code: "no QR code found"
    bool only_foreign = false;           // the page has a code, but none that fits
    bool blank_page = false;             // it has neither a code nor anything else (blank_page.h)
    std::vector<std::string> foreign{};  // texts of other codes that were met on the way
};

// Throws UnreadableImage.
SHEAFLINE_API CodeResult findCode(std::span<const std::uint8_t> image_file,
                                  const CodeSearch& search);
SHEAFLINE_API CodeResult findCode(const GreyImage& page, const CodeSearch& search);

// The region of the codes of these pages, with a margin for other pages; empty if there are too few
// codes or if their positions differ too much.
SHEAFLINE_API std::optional<CodeRegion> learnRegion(std::span<const FoundCode> codes);

// The region of a template's code, with the same margin; empty if it has none, or if the page does
// not fill the image.
SHEAFLINE_API std::optional<CodeRegion> regionOf(const Template& sheet);

// A region as text, for params and checkpoints; parseRegion() throws std::invalid_argument.
//
//     region = x "," y "," width "," height [ "," quarter-turns [ ",landscape" ] ]
//
// with lengths in shares of the page: "0.75,0.05,0.2,0.15".
SHEAFLINE_API std::string toString(const CodeRegion& region);
SHEAFLINE_API CodeRegion parseRegion(std::string_view text);

}  // namespace sheafline::sheets
