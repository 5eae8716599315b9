#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <sheafline/sheets/blank_page.h>
#include <sheafline/sheets/find_code.h>

#include "codes/code_spots.h"
#include "codes/read_symbols.h"
#include "images/filters.h"

namespace sheafline::sheets {

namespace {

constexpr int kLeastReducedSide = 300;            // pixels of a page that is worth reducing
constexpr std::size_t kMostEnlarged = 1'100'000;  // pixels: A4 at 100 dpi
constexpr std::size_t kSmallPage = 200'000;       // pixels
constexpr int kFrame = 8;
constexpr int kMostSymbols = 16;

// The page of a file, decoded no further than asked for.
class Page {
 public:
    Page(std::span<const std::uint8_t> file, const ReadOptions& options)
        : file_(file), options_(options), info_(describeImage(file, options)) {}
    explicit Page(const GreyImage& image)
        : info_{.width = image.width, .height = image.height}, given_(&image) {}

    int width() const { return info_.width; }
    int height() const { return info_.height; }

    const GreyImage& whole() {
        if (given_ != nullptr) return *given_;
        if (!decoded_) decoded_ = readImage(file_, options_);
        return *decoded_;
    }
    GreyImage part(PixelBox box) {
        // Only of a JPEG a part is cheaper than all of it.
        if (given_ != nullptr || decoded_ || info_.format != ImageFormat::jpeg) {
            return crop(whole(), box);
        }
        return readPart(file_, box, options_);
    }

 private:
    std::span<const std::uint8_t> file_{};
    ReadOptions options_{};
    ImageInfo info_{};
    const GreyImage* given_ = nullptr;
    std::optional<GreyImage> decoded_{};
};

// An image made from a part of the page, and the way back from its pixels to those of the page.
struct View {
    GreyImage image;
    PixelBox origin{};
    double scale = 1;  // pixels of the view for one of the page
};

View wholeView(const GreyImage& page, int reduction) {
    return {.image = reduction == 1 ? page : reduced(page, reduction), .scale = 1.0 / reduction};
}

// Without the outer part of the room that a region leaves around its code.
PageBox inner(const PageBox& region) {
    constexpr double kShare = 0.82;  // 1.4 sides of a code of 1.7
    return {.x = region.x + region.width * (1 - kShare) / 2,
            .y = region.y + region.height * (1 - kShare) / 2,
            .width = region.width * kShare,
            .height = region.height * kShare};
}

class Search {
 public:
    Search(Page& page, const CodeSearch& search) : page_(page), search_(search) {
        for (const CodeFormat format : search.formats)
            (isLinear(format) ? linear_ : matrix_).push_back(format);
    }

    CodeResult run() {
        // Bars are looked for last: their text may be wrong, and print may look like them.
        static_cast<void>((!matrix_.empty() && (lookInRegion() || lookEverywhere())) ||
                          (!linear_.empty() && lookForBars()));
        if (!result_.code) {
            result_.reason = reason();
            result_.blank_page =
                rivals_.empty() && result_.foreign.empty() && isBlankPage(page_.whole());
        }
        result_.only_foreign = !result_.code && rivals_.size() < 2 && !result_.foreign.empty();
        return std::move(result_);
    }

 private:
    bool lookInRegion();
    // Most codes lie where they should: what lies farther below needs no decoding then.
    bool lookNear(const PageBox& box);
    bool lookAt(const PageBox& box);
    bool lookEverywhere();
    bool lookForAllKinds(const std::vector<PixelBox>& spots);
    bool lookForBars();
    // What reads poor codes, on a part of the page; `half` is the reduction that is tried.
    bool lookHarder(const View& spot, int half);
    // For small pages and single codes, cut off at their quiet zone.
    bool lookCloser(const View& spot);
    // Whether a code that fits is there.
    bool read(const View& view, Binarizer binarizer, std::string_view step);
    // Every symbol of the view; two different ones that fit leave none.
    bool readAll(const View& view, Binarizer binarizer, std::string_view step);
    bool readAll(const View& view, std::span<const CodeFormat> formats, Binarizer binarizer,
                 std::string_view step);
    FoundCode place(const Symbol& symbol, const View& view, std::string_view step) const;
    bool fits(const std::string& text) const { return !search_.fits || search_.fits(text); }
    void noteForeign(const std::string& text);
    std::string reason() const;
    // What the search is for.
    bool onlyQr() const { return linear_.empty() && matrix_ == std::vector{CodeFormat::qr}; }

    Page& page_;
    const CodeSearch& search_;
    CodeResult result_;
    std::vector<std::string> rivals_;
    std::vector<CodeFormat> matrix_;
    std::vector<CodeFormat> linear_;
};

bool Search::read(const View& view, Binarizer binarizer, std::string_view step) {
    // Of QR codes one is enough in a region; others are often beside each other.
    const int most = onlyQr() ? 1 : kMostSymbols;
    for (const Symbol& symbol : readSymbols(view.image, matrix_, binarizer, most)) {
        if (fits(symbol.text)) {
            result_.code = place(symbol, view, step);
            return true;
        }
        noteForeign(symbol.text);
    }
    return false;
}

bool Search::readAll(const View& view, Binarizer binarizer, std::string_view step) {
    return readAll(view, matrix_, binarizer, step);
}

bool Search::readAll(const View& view, std::span<const CodeFormat> formats, Binarizer binarizer,
                     std::string_view step) {
    bool found = false;
    for (const Symbol& symbol : readSymbols(view.image, formats, binarizer, kMostSymbols)) {
        if (!fits(symbol.text)) {
            noteForeign(symbol.text);
            continue;
        }
        found = true;
        if (std::ranges::find(rivals_, symbol.text) != rivals_.end()) continue;
        rivals_.push_back(symbol.text);
        result_.code = place(symbol, view, step);
    }
    if (rivals_.size() > 1) result_.code.reset();
    return found;
}

FoundCode Search::place(const Symbol& symbol, const View& view, std::string_view step) const {
    FoundCode code{.text = symbol.text,
                   .format = symbol.format,
                   .landscape = page_.width() > page_.height(),
                   .step = step};
    for (std::size_t i = 0; i < code.corners.size(); ++i) {
        const Point corner = symbol.corners.at(i);
        code.corners.at(i) = {(view.origin.x + (corner.x + 0.5) / view.scale) / page_.width(),
                              (view.origin.y + (corner.y + 0.5) / view.scale) / page_.height()};
    }
    const double angle = std::atan2(symbol.corners[1].y - symbol.corners[0].y,
                                    symbol.corners[1].x - symbol.corners[0].x);
    code.quarter_turns = (static_cast<int>(std::lround(angle / (M_PI / 2))) + 4) % 4;
    return code;
}

bool Search::lookInRegion() {
    if (!search_.region) return false;
    // Upright or upside down; sideways where the page's sides say so.
    const bool lying = (page_.width() > page_.height()) != search_.region->landscape;
    const int first = lying ? 1 : 0;
    const PageBox box = turned(search_.region->box, first);
    return lookNear(box) || lookAt(box) || lookAt(turned(search_.region->box, first + 2));
}

bool Search::lookNear(const PageBox& box) {
    const PixelBox origin = pixelsOf(inner(box), page_.width(), page_.height());
    const View view{.image = page_.part(origin), .origin = origin};
    return !view.image.pixels.empty() && read(view, Binarizer::local_average, "region");
}

bool Search::lookAt(const PageBox& box) {
    const PixelBox origin = pixelsOf(box, page_.width(), page_.height());
    const View view{.image = page_.part(origin), .origin = origin};
    if (view.image.pixels.empty()) return false;
    if (read(view, Binarizer::local_average, "region")) return true;
    if (codeSpots(view.image).empty()) return false;

    // Each of the next reads what the ones before cannot, measured on blurred and noisy codes of
    // about three pixels a module.
    const View smooth{.image = smoothed(view.image, 1), .origin = view.origin};
    if (read(smooth, Binarizer::local_average, "region smoothed")) return true;
    const auto larger = [&](int factor) {
        return View{.image = smoothed(enlarged(view.image, factor), factor / 2),
                    .origin = view.origin,
                    .scale = static_cast<double>(factor)};
    };
    const View twice = larger(2);
    View sharp = twice;
    sharp.image = sharpened(twice.image, 4, 4);
    if (read(sharp, Binarizer::global_histogram, "region twice as large, sharpened")) return true;
    if (read(twice, Binarizer::local_average, "region twice as large")) return true;
    sharp.image = sharpened(twice.image, 2, 2);
    if (read(sharp, Binarizer::local_average, "region twice as large, edges sharpened"))
        return true;
    const View thrice = larger(3);
    if (read(thrice, Binarizer::local_average, "region three times as large")) return true;
    sharp = thrice;
    sharp.image = sharpened(thrice.image, 6, 4);
    return read(sharp, Binarizer::global_histogram, "region three times as large, sharpened");
}

bool Search::lookEverywhere() {
    const GreyImage& page = page_.whole();
    // A small picture may be a code and nothing else, in any style.
    const std::vector<PixelBox> spots =
        page.pixels.size() <= kSmallPage
            ? std::vector{PixelBox{.width = page.width, .height = page.height}}
            : codeSpots(page);
    // Spots are what QR codes look like; others may have bars that are longer.
    if (spots.empty() && onlyQr()) return false;
    // Kinds of codes differ in the sizes at which they are read: one look sees all of them.
    if (!onlyQr() && lookForAllKinds(spots)) return true;
    const int side = std::min(page.width, page.height);
    // Half size first: it is four times as fast, and most codes are large enough.
    const int half = side >= 2 * kLeastReducedSide ? 2 : 1;
    if (readAll(wholeView(page, half), Binarizer::local_average, "page at half size")) return true;
    for (int reduction = 4; side >= reduction * kLeastReducedSide; reduction *= 2) {
        if (readAll(wholeView(page, reduction), Binarizer::local_average, "page reduced"))
            return true;
    }
    // Each code that fits counts, in whichever spot it is.
    std::vector<View> views;
    for (const PixelBox& spot : spots) views.push_back({.image = crop(page, spot), .origin = spot});
    const auto inAny = [&](auto&& look) {
        bool found = false;
        for (const View& view : views) found |= look(view);
        return found;
    };
    return inAny(
               [&](const View& view) { return readAll(view, Binarizer::local_average, "page"); }) ||
           inAny([&](const View& view) { return lookHarder(view, half); }) ||
           (page.pixels.size() <= kMostEnlarged &&
            inAny([&](const View& view) { return lookCloser(view); }));
}

bool Search::lookForAllKinds(const std::vector<PixelBox>& spots) {
    const GreyImage& page = page_.whole();
    bool found = readAll(wholeView(page, 1), Binarizer::local_average, "page");
    // On a page with several codes the decoder overlooks some.
    for (const PixelBox& spot : spots)
        found |=
            readAll({.image = crop(page, spot), .origin = spot}, Binarizer::local_average, "page");
    return found;
}

bool Search::lookForBars() {
    const GreyImage& page = page_.whole();
    const View whole = wholeView(page, 1);
    const View small =
        wholeView(page, std::min(page.width, page.height) >= 2 * kLeastReducedSide ? 2 : 1);
    if (readAll(small, linear_, Binarizer::local_average, "page at half size")) return true;
    if (readAll(whole, linear_, Binarizer::local_average, "page")) return true;
    return readAll(wholeView(smoothed(page, 1), 1), linear_, Binarizer::global_histogram,
                   "page smoothed, one threshold");
}

bool Search::lookHarder(const View& spot, int half) {
    const View small{.image = half == 1 ? spot.image : reduced(spot.image, half),
                     .origin = spot.origin,
                     .scale = 1.0 / half};
    if (readAll(small, Binarizer::global_histogram, "page at half size, one threshold"))
        return true;
    const View smooth{.image = smoothed(spot.image, 1), .origin = spot.origin};
    if (readAll(smooth, Binarizer::local_average, "page smoothed")) return true;
    const View sharp{.image = sharpened(smooth.image, 8, 4), .origin = spot.origin};
    if (readAll(sharp, Binarizer::global_histogram, "page sharpened")) return true;
    const View negative{
        .image = inverted(small.image), .origin = small.origin, .scale = small.scale};
    return readAll(negative, Binarizer::local_average, "page inverted");
}

bool Search::lookCloser(const View& spot) {
    for (const int factor : {2, 3}) {
        View view{.image = framed(spot.image, kFrame),
                  .origin = {.x = spot.origin.x - kFrame, .y = spot.origin.y - kFrame},
                  .scale = static_cast<double>(factor)};
        view.image = smoothed(enlarged(view.image, factor), factor / 2);
        if (readAll(view, Binarizer::local_average, "page enlarged")) return true;
        view.image = sharpened(view.image, 2 * factor, 4);
        if (readAll(view, Binarizer::global_histogram, "page enlarged, sharpened")) return true;
    }
    return false;
}

void Search::noteForeign(const std::string& text) {
    if (std::ranges::find(result_.foreign, text) == result_.foreign.end()) {
        result_.foreign.push_back(text);
    }
}

std::string Search::reason() const {
    const std::string kind = onlyQr() ? "QR code" : "code";
    if (rivals_.size() > 1)
        return "two " + kind + "s fit: '" + rivals_[0] + "' and '" + rivals_[1] + "'";
    if (!result_.foreign.empty())
        return "the " + kind + " '" + result_.foreign.front() + "' does not fit the pattern";
    return "no " + kind + " found";
}

}  // namespace

CodeResult findCode(std::span<const std::uint8_t> image_file, const CodeSearch& search) {
    Page page(image_file, search.image);
    return Search(page, search).run();
}

CodeResult findCode(const GreyImage& page, const CodeSearch& search) {
    Page whole(page);
    return Search(whole, search).run();
}

}  // namespace sheafline::sheets
