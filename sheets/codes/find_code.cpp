#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#define ZX_USE_UTF8 1  // NOLINT: asks ZXing for texts in UTF-8
#include <ZXing/ReadBarcode.h>

#include <sheafline/sheets/find_code.h>

#include "codes/code_spots.h"
#include "images/filters.h"

namespace sheafline::sheets {

namespace {

using ZXing::Binarizer;

constexpr int kLeastReducedSide = 300;            // pixels of a page that is worth reducing
constexpr std::size_t kMostEnlarged = 1'100'000;  // pixels: A4 at 100 dpi
constexpr std::size_t kSmallPage = 200'000;       // pixels
constexpr int kFrame = 8;

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
    Search(Page& page, const CodeSearch& search) : page_(page), search_(search) {}

    CodeResult run() {
        static_cast<void>(lookInRegion() || lookEverywhere());
        if (!result_.code) result_.reason = reason();
        result_.only_foreign = !result_.code && rivals_.size() < 2 && !result_.foreign.empty();
        return std::move(result_);
    }

 private:
    bool lookInRegion();
    // Most codes lie where they should: what lies farther below needs no decoding then.
    bool lookNear(const PageBox& box);
    bool lookAt(const PageBox& box);
    bool lookEverywhere();
    // What reads poor codes, on a part of the page; `half` is the reduction that is tried.
    bool lookHarder(const View& spot, int half);
    // For small pages and single codes, cut off at their quiet zone.
    bool lookCloser(const View& spot);
    // Whether a code that fits is there.
    bool read(const View& view, Binarizer binarizer, std::string_view step);
    // Every symbol of the view; two different ones that fit leave none.
    bool readAll(const View& view, Binarizer binarizer, std::string_view step);
    FoundCode place(const ZXing::Result& symbol, const View& view, std::string_view step) const;
    bool fits(const std::string& text) const { return !search_.fits || search_.fits(text); }
    void noteForeign(const std::string& text);
    std::string reason() const;

    Page& page_;
    const CodeSearch& search_;
    CodeResult result_;
    std::vector<std::string> rivals_;
};

ZXing::ImageView viewOf(const GreyImage& image) {
    return {image.pixels.data(), image.width, image.height, ZXing::ImageFormat::Lum};
}

ZXing::DecodeHints hintsFor(Binarizer binarizer, int most_symbols) {
    ZXing::DecodeHints hints;
    hints.setFormats(ZXing::BarcodeFormat::QRCode);
    hints.setBinarizer(binarizer);
    hints.setTryDownscale(false);  // the steps here choose their sizes
    hints.setTryRotate(false);     // the search for finder patterns does not mind quarter turns
    hints.setMaxNumberOfSymbols(static_cast<std::uint8_t>(most_symbols));
    return hints;
}

bool Search::read(const View& view, Binarizer binarizer, std::string_view step) {
    const auto symbol = ZXing::ReadBarcode(viewOf(view.image), hintsFor(binarizer, 1));
    if (!symbol.isValid()) return false;
    const std::string text = symbol.text();
    if (!fits(text)) {
        noteForeign(text);
        return false;
    }
    result_.code = place(symbol, view, step);
    return true;
}

bool Search::readAll(const View& view, Binarizer binarizer, std::string_view step) {
    constexpr int kMostSymbols = 16;
    std::vector<FoundCode> fitting;
    for (const auto& symbol :
         ZXing::ReadBarcodes(viewOf(view.image), hintsFor(binarizer, kMostSymbols))) {
        if (!symbol.isValid()) continue;
        FoundCode code = place(symbol, view, step);
        if (!fits(code.text)) {
            noteForeign(code.text);
        } else if (std::ranges::find(fitting, code.text, &FoundCode::text) == fitting.end()) {
            fitting.push_back(std::move(code));
        }
    }
    if (fitting.size() == 1) result_.code = fitting.front();
    for (const auto& code : fitting) rivals_.push_back(code.text);
    return !fitting.empty();
}

FoundCode Search::place(const ZXing::Result& symbol, const View& view,
                        std::string_view step) const {
    FoundCode code{
        .text = symbol.text(), .landscape = page_.width() > page_.height(), .step = step};
    const auto& position = symbol.position();
    for (std::size_t i = 0; i < code.corners.size(); ++i) {
        const auto corner = position[i];
        code.corners.at(i) = {(view.origin.x + (corner.x + 0.5) / view.scale) / page_.width(),
                              (view.origin.y + (corner.y + 0.5) / view.scale) / page_.height()};
    }
    const auto along = position[1] - position[0];
    const double angle = std::atan2(along.y, along.x);
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
    return !view.image.pixels.empty() && read(view, Binarizer::LocalAverage, "region");
}

bool Search::lookAt(const PageBox& box) {
    const PixelBox origin = pixelsOf(box, page_.width(), page_.height());
    const View view{.image = page_.part(origin), .origin = origin};
    if (view.image.pixels.empty()) return false;
    if (read(view, Binarizer::LocalAverage, "region")) return true;
    if (codeSpots(view.image).empty()) return false;

    // Each of the next reads what the ones before cannot, measured on blurred and noisy codes of
    // about three pixels a module.
    const View smooth{.image = smoothed(view.image, 1), .origin = view.origin};
    if (read(smooth, Binarizer::LocalAverage, "region smoothed")) return true;
    const auto larger = [&](int factor) {
        return View{.image = smoothed(enlarged(view.image, factor), factor / 2),
                    .origin = view.origin,
                    .scale = static_cast<double>(factor)};
    };
    const View twice = larger(2);
    View sharp = twice;
    sharp.image = sharpened(twice.image, 4, 4);
    if (read(sharp, Binarizer::GlobalHistogram, "region twice as large, sharpened")) return true;
    if (read(twice, Binarizer::LocalAverage, "region twice as large")) return true;
    sharp.image = sharpened(twice.image, 2, 2);
    if (read(sharp, Binarizer::LocalAverage, "region twice as large, edges sharpened")) return true;
    const View thrice = larger(3);
    if (read(thrice, Binarizer::LocalAverage, "region three times as large")) return true;
    sharp = thrice;
    sharp.image = sharpened(thrice.image, 6, 4);
    return read(sharp, Binarizer::GlobalHistogram, "region three times as large, sharpened");
}

bool Search::lookEverywhere() {
    const GreyImage& page = page_.whole();
    // A small picture may be a code and nothing else, in any style.
    const std::vector<PixelBox> spots =
        page.pixels.size() <= kSmallPage
            ? std::vector{PixelBox{.width = page.width, .height = page.height}}
            : codeSpots(page);
    if (spots.empty()) return false;
    const int side = std::min(page.width, page.height);
    // Half size first: it is four times as fast, and most codes are large enough.
    const int half = side >= 2 * kLeastReducedSide ? 2 : 1;
    if (readAll(wholeView(page, half), Binarizer::LocalAverage, "page at half size")) return true;
    for (int reduction = 4; side >= reduction * kLeastReducedSide; reduction *= 2) {
        if (readAll(wholeView(page, reduction), Binarizer::LocalAverage, "page reduced"))
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
               [&](const View& view) { return readAll(view, Binarizer::LocalAverage, "page"); }) ||
           inAny([&](const View& view) { return lookHarder(view, half); }) ||
           (page.pixels.size() <= kMostEnlarged &&
            inAny([&](const View& view) { return lookCloser(view); }));
}

bool Search::lookHarder(const View& spot, int half) {
    const View small{.image = half == 1 ? spot.image : reduced(spot.image, half),
                     .origin = spot.origin,
                     .scale = 1.0 / half};
    if (readAll(small, Binarizer::GlobalHistogram, "page at half size, one threshold")) return true;
    const View smooth{.image = smoothed(spot.image, 1), .origin = spot.origin};
    if (readAll(smooth, Binarizer::LocalAverage, "page smoothed")) return true;
    const View sharp{.image = sharpened(smooth.image, 8, 4), .origin = spot.origin};
    if (readAll(sharp, Binarizer::GlobalHistogram, "page sharpened")) return true;
    const View negative{
        .image = inverted(small.image), .origin = small.origin, .scale = small.scale};
    return readAll(negative, Binarizer::LocalAverage, "page inverted");
}

bool Search::lookCloser(const View& spot) {
    for (const int factor : {2, 3}) {
        View view{.image = framed(spot.image, kFrame),
                  .origin = {.x = spot.origin.x - kFrame, .y = spot.origin.y - kFrame},
                  .scale = static_cast<double>(factor)};
        view.image = smoothed(enlarged(view.image, factor), factor / 2);
        if (readAll(view, Binarizer::LocalAverage, "page enlarged")) return true;
        view.image = sharpened(view.image, 2 * factor, 4);
        if (readAll(view, Binarizer::GlobalHistogram, "page enlarged, sharpened")) return true;
    }
    return false;
}

void Search::noteForeign(const std::string& text) {
    if (std::ranges::find(result_.foreign, text) == result_.foreign.end()) {
        result_.foreign.push_back(text);
    }
}

std::string Search::reason() const {
    if (rivals_.size() > 1) {
        return "two QR codes fit: '" + rivals_[0] + "' and '" + rivals_[1] + "'";
    }
    if (!result_.foreign.empty()) {
        return "the QR code '" + result_.foreign.front() + "' does not fit the pattern";
    }
    return "no QR code found";
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
