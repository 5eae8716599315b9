#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <libdeflate.h>
#include <limits>
#include <memory>
#include <string>
#include <sys/xattr.h>
#include <utility>

#include <sheafline/sheets/read_image.h>

#include "images/image_formats.h"
#include "images/square_pixels.h"

namespace sheafline::sheets {

namespace {

constexpr const char* kNoImage = "the file is no JPEG, PNG, TIFF or WebP image";

bool beginsWith(std::span<const std::uint8_t> bytes, std::initializer_list<std::uint8_t> magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

std::unique_ptr<ImageFile> open(std::span<const std::uint8_t> bytes, const ReadOptions& options) {
    if (bytes.empty()) throw UnreadableImage("the file is empty");
    const auto format = imageFormat(bytes);
    if (!format) throw UnreadableImage(kNoImage);
    if (*format == ImageFormat::tiff) return openTiff(bytes, options);
    if (options.page != 1) {
        throw UnreadableImage("the file has 1 page; page " + std::to_string(options.page) +
                              " was requested");
    }
    if (*format == ImageFormat::webp) return openWebp(bytes, options);
    return *format == ImageFormat::jpeg ? openJpeg(bytes, options) : openPng(bytes, options);
}

// A page as it is seen, with square pixels.
struct UprightPage {
    int width = 0;
    int height = 0;
    double dpi = 0;
    PixelStretch stretch{};
};

UprightPage uprightPage(const ImageFile& file, const ReadOptions& options) {
    const auto header = file.header();
    UprightPage page{.stretch = PixelStretch::of(header.dpi, header.dpi_down)};
    page.width = page.stretch.width(header.width);
    page.height = page.stretch.height(header.height);
    page.dpi = header.dpi * page.stretch.across;
    if (!page.stretch.none())
        requireReadableSize(static_cast<std::uint64_t>(page.width),
                            static_cast<std::uint64_t>(page.height), options);
    if (header.orientation.swapsSides()) std::swap(page.width, page.height);
    return page;
}

// The attribute in which `extract` keeps the CRC-32 of a file's bytes; others have none.
void requireAsExtracted(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
    std::array<char, 8> digits{};
    if (::getxattr(file.c_str(), "user.sheafline.crc32", digits.data(), digits.size()) != 8) return;
    std::uint32_t crc32 = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), crc32, 16);
    if (libdeflate_crc32(0, bytes.data(), bytes.size()) != crc32) {
        throw UnreadableImage(
            "the file has changed since it was extracted: its checksum differs; check the disk of "
            "the work folder; the archive still has the sheet");
    }
}

}  // namespace

std::string_view toString(ImageFormat format) {
    switch (format) {
        case ImageFormat::jpeg:
            return "JPEG";
        case ImageFormat::png:
            return "PNG";
        case ImageFormat::tiff:
            return "TIFF";
        case ImageFormat::webp:
            return "WebP";
    }
    return "";
}

std::optional<ImageFormat> imageFormat(std::span<const std::uint8_t> bytes) {
    if (beginsWith(bytes, {0xFF, 0xD8, 0xFF})) return ImageFormat::jpeg;
    if (beginsWith(bytes, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'})) return ImageFormat::png;
    if (beginsWith(bytes, {'I', 'I', 42, 0}) || beginsWith(bytes, {'M', 'M', 0, 42}) ||
        beginsWith(bytes, {'I', 'I', 43, 0}) || beginsWith(bytes, {'M', 'M', 0, 43})) {
        return ImageFormat::tiff;
    }
    if (bytes.size() >= 12 && beginsWith(bytes, {'R', 'I', 'F', 'F'}) &&
        beginsWith(bytes.subspan(8), {'W', 'E', 'B', 'P'})) {
        return ImageFormat::webp;
    }
    return std::nullopt;
}

void requireReadableSize(std::uint64_t width, std::uint64_t height, const ReadOptions& options) {
    if (width == 0 || height == 0) throw UnreadableImage("the image has no pixels");
    if (height > options.max_pixels / width) {
        throw UnreadableImage("the image has " + std::to_string(width) + " x " +
                              std::to_string(height) + " pixels, more than the limit of " +
                              std::to_string(options.max_pixels));
    }
}

void greyRow(std::span<const std::uint8_t> pixels, int channels, std::span<std::uint8_t> grey) {
    if (channels == 1) {
        std::copy_n(pixels.begin(), grey.size(), grey.begin());
        return;
    }
    const auto step = static_cast<std::size_t>(channels);
    for (std::size_t x = 0; x < grey.size(); ++x) {
        const std::uint8_t* pixel = &pixels[x * step];
        const std::uint32_t value =
            channels < 3 ? pixel[0]
                         : (299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2] + 500U) / 1000U;
        const std::uint32_t alpha = channels % 2 == 0 ? pixel[step - 1] : 255U;
        grey[x] = static_cast<std::uint8_t>((value * alpha + 255U * (255U - alpha) + 127U) / 255U);
    }
}

std::vector<std::uint8_t> readBytes(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
    if (size < 0) {
        throw UnreadableImage("the file cannot be opened: " + std::string(std::strerror(errno)));
    }
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(bytes.data()), size);
    if (!in) throw UnreadableImage("the file cannot be read");
    requireAsExtracted(file, bytes);
    return bytes;
}

ImageInfo describeImage(std::span<const std::uint8_t> bytes, const ReadOptions& options) {
    const UprightPage page = uprightPage(*open(bytes, options), options);
    return {
        .format = *imageFormat(bytes), .width = page.width, .height = page.height, .dpi = page.dpi};
}

GreyImage readImage(std::span<const std::uint8_t> bytes, const ReadOptions& options) {
    constexpr int kAll = std::numeric_limits<int>::max();
    return readPart(bytes, {.width = kAll, .height = kAll}, options);
}

GreyImage readPart(std::span<const std::uint8_t> bytes, PixelBox box, const ReadOptions& options) {
    const auto file = open(bytes, options);
    const auto header = file->header();
    const UprightPage page = uprightPage(*file, options);
    box = cutToPage(box, page.width, page.height);
    if (box.width == 0 || box.height == 0) return {.dpi = page.dpi};

    if (!page.stretch.none()) {
        const GreyImage whole =
            stretched(file->decode({.width = header.width, .height = header.height}), page.stretch);
        GreyImage part = crop(header.orientation.upright(whole), box);
        part.dpi = page.dpi;
        return part;
    }
    GreyImage part = file->decode(header.orientation.stored(box, header.width, header.height));
    part.dpi = page.dpi;
    return header.orientation.upright(std::move(part));
}

int countPages(std::span<const std::uint8_t> bytes) {
    const auto format = imageFormat(bytes);
    if (!format) throw UnreadableImage(kNoImage);
    return *format == ImageFormat::tiff ? countTiffPages(bytes) : 1;
}

}  // namespace sheafline::sheets
