#include "page_image.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "bounded_bytes.h"
#include "image_colors.h"

namespace sheafline::pdf {

namespace {

constexpr double kSquare = 0.02;  // how much the two resolutions of a JPEG may differ

struct Filter {
    std::string name{};
    QPDFObjectHandle params{};
};

std::optional<std::vector<Filter>> filtersOf(QPDFObjectHandle dictionary) {
    auto names = dictionary.getKey("/Filter");
    auto params = dictionary.getKey("/DecodeParms");
    std::vector<Filter> filters;
    if (names.isNull()) return filters;
    if (names.isName()) {
        if (params.isArray())
            params = params.getArrayNItems() > 0 ? params.getArrayItem(0) : params;
        filters.push_back({.name = names.getName(), .params = params});
        return filters;
    }
    if (!names.isArray() || names.getArrayNItems() > 8) return std::nullopt;
    for (int i = 0; i < names.getArrayNItems(); ++i) {
        auto name = names.getArrayItem(i);
        if (!name.isName()) return std::nullopt;
        filters.push_back({.name = name.getName()});
        if (params.isArray() && i < params.getArrayNItems())
            filters.back().params = params.getArrayItem(i);
    }
    return filters;
}

long long numberIn(QPDFObjectHandle params, const char* key, long long otherwise) {
    auto value = params.isDictionary() ? params.getKey(key) : QPDFObjectHandle::newNull();
    return value.isInteger() ? value.getIntValue() : otherwise;
}

bool flagIn(QPDFObjectHandle params, const char* key, bool otherwise) {
    auto value = params.isDictionary() ? params.getKey(key) : QPDFObjectHandle::newNull();
    return value.isBool() ? value.getBoolValue() : otherwise;
}

// Turns one image into a file.
class Wrapping {
 public:
    Wrapping(const PlacedImage& placed, const Pixels& pixels, std::uint64_t max_bytes)
        : placed_(placed), pixels_(pixels), max_bytes_(max_bytes) {}

    PageImage file() const {
        const auto filters = filtersOf(QPDFObjectHandle(placed_.image).getDict());
        if (!filters) return {.why = "its image has unknown filters"};
        if (filters->size() == 1) return wrapped(filters->front(), raw());
        // Some scanners compress their JPEG or fax once more.
        if (filters->size() == 2 && filters->front().name == "/FlateDecode" &&
            numberIn(filters->front().params, "/Predictor", 1) == 1) {
            const auto packed = raw();
            if (packed) return wrapped(filters->back(), inflated(*packed, max_bytes_));
        }
        return decoded();
    }

 private:
    using Bytes = std::optional<std::string>;

    Bytes raw() const { return boundedBytes(placed_.image, Filters::none, max_bytes_); }

    PageImage wrapped(const Filter& filter, const Bytes& bytes) const {
        if (!bytes) return {.why = "its image is damaged or too large"};
        if (filter.name == "/DCTDecode") return jpeg(filter, *bytes);
        if (filter.name == "/CCITTFaxDecode") return fax(filter, *bytes);
        if (filter.name == "/FlateDecode") return deflate(filter, *bytes);
        if (filter.name == "/JBIG2Decode" || filter.name == "/JPXDecode")
            return {.why = "its image is compressed with " +
                           std::string(filter.name == "/JPXDecode" ? "JPEG 2000" : "JBIG2")};
        return decoded();
    }

    PageImage jpeg(const Filter& filter, const std::string& bytes) const {
        const bool plain = pixels_.palette.empty() && !pixels_.white_is_zero &&
                           pixels_.components != 4 &&
                           numberIn(filter.params, "/ColorTransform", 1) == 1;
        if (!plain) return {.why = "its image has colors that a JPEG file cannot have"};
        const Placement& p = placed_.placement;
        if (std::abs(p.dpi_right - p.dpi_down) > kSquare * std::max(p.dpi_right, p.dpi_down))
            return {.why = "its image is stretched"};
        PageImage image{.file = jpegFile(p, bytes)};
        if (image.file.empty()) image.why = "its image is damaged";
        return image;
    }

    PageImage fax(const Filter& filter, const std::string& bytes) const {
        const long long k = numberIn(filter.params, "/K", 0);
        const bool aligned = flagIn(filter.params, "/EncodedByteAlign", false);
        const bool same_width =
            numberIn(filter.params, "/Columns", 1728) == static_cast<long long>(pixels_.width);
        const bool plain = pixels_.bits == 1 && pixels_.components == 1 && pixels_.palette.empty();
        TiffCoding coding;
        if (k < 0 && !aligned) {
            coding.compression = Compression::fax4;
        } else if (k >= 0 && startsWithEndOfLine(bytes)) {
            coding.compression = Compression::fax3;
            coding.fax3_options = (k > 0 ? 1U : 0U) | (aligned ? 4U : 0U);
        } else if (k == 0 && aligned) {
            coding.compression = Compression::fax_bytes;
        } else {
            return {.why = "its fax image is of a rare kind"};
        }
        if (!plain || !same_width) return {.why = "its fax image is of a rare kind"};
        Pixels pixels = pixels_;
        // In a TIFF, black is 1; in a PDF, black is 0 unless BlackIs1 says otherwise.
        if (!flagIn(filter.params, "/BlackIs1", false))
            pixels.white_is_zero = !pixels.white_is_zero;
        return {.file = tiffFile(pixels, placed_.placement, coding, bytes)};
    }

    static bool startsWithEndOfLine(std::string_view bytes) {
        // Eleven zeros and a one, which fill bits may precede.
        std::size_t zeros = 0;
        for (const char c : bytes.substr(0, 8)) {
            for (unsigned bit = 8; bit-- > 0;) {
                if ((static_cast<unsigned char>(c) >> bit & 1U) != 0) return zeros >= 11;
                ++zeros;
            }
        }
        return false;
    }

    PageImage deflate(const Filter& filter, const std::string& bytes) const {
        const long long predictor = numberIn(filter.params, "/Predictor", 1);
        if (predictor == 1)
            return {.file = tiffFile(pixels_, placed_.placement,
                                     {.compression = Compression::deflate}, bytes)};
        const bool same =
            numberIn(filter.params, "/Columns", 1) == static_cast<long long>(pixels_.width) &&
            numberIn(filter.params, "/Colors", 1) == static_cast<long long>(pixels_.components) &&
            numberIn(filter.params, "/BitsPerComponent", 8) == static_cast<long long>(pixels_.bits);
        if (predictor == 2 && same && pixels_.bits == 8)
            return {.file = tiffFile(pixels_, placed_.placement,
                                     {.compression = Compression::deflate, .differences = true},
                                     bytes)};
        if (predictor >= 10 && same && pixels_.components != 4 && pixels_.bits <= 8) {
            Pixels pixels = pixels_;
            if (pixels.white_is_zero) {  // a PNG has no such flag
                const unsigned count = 1U << pixels.bits;
                for (unsigned i = 0; i < count; ++i) {
                    const auto gray = static_cast<std::uint8_t>(255 - i * 255 / (count - 1));
                    pixels.palette.push_back({gray, gray, gray});
                }
            }
            return {.file = pngFile(pixels, placed_.placement, bytes)};
        }
        return decoded();
    }

    // The samples themselves, for the compressions that no image format has.
    PageImage decoded() const {
        const auto bytes = boundedBytes(placed_.image, Filters::all, max_bytes_);
        if (!bytes) return {.why = "its image is damaged or too large"};
        const std::uint64_t row =
            (std::uint64_t{pixels_.width} * pixels_.components * pixels_.bits + 7) / 8;
        if (bytes->size() < row * pixels_.height) return {.why = "its image is cut off"};
        return {.file = tiffFile(pixels_, placed_.placement, {}, *bytes)};
    }

    const PlacedImage& placed_;
    const Pixels& pixels_;
    const std::uint64_t max_bytes_;
};

bool hasMask(QPDFObjectHandle dictionary) {
    for (const char* key : {"/SMask", "/Mask", "/SMaskInData"}) {
        auto mask = dictionary.getKey(key);
        if (!mask.isNull() && !(mask.isInteger() && mask.getIntValue() == 0)) return true;
    }
    return false;
}

}  // namespace

PageImage imageOf(const PlacedImage& placed, std::uint64_t max_bytes) {
    QPDFObjectHandle dictionary = QPDFObjectHandle(placed.image).getDict();
    if (hasMask(dictionary)) return {.why = "its image has a mask"};
    const auto filters = filtersOf(dictionary);
    const bool coded =
        filters && !filters->empty() &&
        (filters->back().name == "/JPXDecode" || filters->back().name == "/JBIG2Decode");
    if (coded)
        return {.why = std::string("its image is compressed with ") +
                       (filters->back().name == "/JPXDecode" ? "JPEG 2000" : "JBIG2")};
    const auto pixels = pixelsOf(dictionary, placed.resources);
    const bool known = pixels && (pixels->bits == 1 || pixels->bits == 2 || pixels->bits == 4 ||
                                  pixels->bits == 8 || pixels->bits == 16);
    if (!known) return {.why = "its image has rare colors"};
    return Wrapping(placed, *pixels, max_bytes).file();
}

}  // namespace sheafline::pdf
