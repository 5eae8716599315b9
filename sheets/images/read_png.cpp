// libpng reports errors by longjmp, so every call of it is in a lambda without destructors, which
// guarded() runs.
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <png.h>
#include <string>

#include "images/exif.h"
#include "images/image_formats.h"

namespace sheafline::sheets {

namespace {

struct PngFailure {
    std::array<char, 160> text{};
};

void fail(png_structp png, png_const_charp message) {
    auto* failure = static_cast<PngFailure*>(png_get_error_ptr(png));
    std::snprintf(failure->text.data(), failure->text.size(), "%s", message);
    png_longjmp(png, 1);
}

void ignoreWarning(png_structp /*png*/, png_const_charp /*message*/) {}

void readFromMemory(png_structp png, png_bytep target, std::size_t size) {
    auto* rest = static_cast<std::span<const std::uint8_t>*>(png_get_io_ptr(png));
    if (rest->size() < size) png_error(png, "truncated");
    std::memcpy(target, rest->data(), size);
    *rest = rest->subspan(size);
}

struct Reader {
    png_structp png;
    png_infop info = nullptr;

    explicit Reader(PngFailure& failure)
        : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, fail, ignoreWarning)) {
        if (png != nullptr) info = png_create_info_struct(png);
        if (info == nullptr) {
            png_destroy_read_struct(&png, nullptr, nullptr);
            throw std::bad_alloc();
        }
    }
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
};

class PngFile : public ImageFile {
 public:
    PngFile(std::span<const std::uint8_t> bytes, const ReadOptions& options);

    Header header() const override { return header_; }
    GreyImage decode(PixelBox box) override;

 private:
    template <typename Calls>
    void guarded(Calls calls) {
        if (setjmp(png_jmpbuf(reader_.png)) != 0) {
            throw UnreadableImage(std::strcmp(failure_.text.data(), "truncated") == 0
                                      ? "the PNG is truncated"
                                      : "the PNG is damaged: " + std::string(failure_.text.data()));
        }
        calls();
    }

    PngFailure failure_;
    std::span<const std::uint8_t> rest_;
    Reader reader_{failure_};
    Header header_;
};

PngFile::PngFile(std::span<const std::uint8_t> bytes, const ReadOptions& options) : rest_(bytes) {
    auto* const png = reader_.png;
    png_uint_32 width = 0;
    png_uint_32 height = 0;
    png_uint_32 exif_size = 0;
    png_bytep exif_block = nullptr;
    double dpi = 0;
    double dpi_down = 0;
    guarded([&] {
        png_set_read_fn(png, &rest_, readFromMemory);
        // The pixel limit is ours; these only lift libpng's own million a side.
        png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
        png_read_info(png, reader_.info);
        width = png_get_image_width(png, reader_.info);
        height = png_get_image_height(png, reader_.info);
        dpi = png_get_x_pixels_per_meter(png, reader_.info) * 0.0254;
        dpi_down = png_get_y_pixels_per_meter(png, reader_.info) * 0.0254;
        png_get_eXIf_1(png, reader_.info, &exif_size, &exif_block);
    });
    requireReadableSize(width, height, options);
    header_.width = static_cast<int>(width);
    header_.height = static_cast<int>(height);
    header_.dpi = dpi;
    header_.dpi_down = dpi_down;
    if (exif_block != nullptr) {
        header_.orientation = Orientation(parseExif({exif_block, exif_size}).orientation);
    }
}

GreyImage PngFile::decode(PixelBox box) {
    auto* const png = reader_.png;
    int passes = 1;
    int channels = 0;
    std::size_t row_bytes = 0;
    guarded([&] {
        png_set_expand(png);    // palette, 1 to 4 bits, transparent colour
        png_set_scale_16(png);  // 16 bits
        passes = png_set_interlace_handling(png);
        png_read_update_info(png, reader_.info);
        channels = png_get_channels(png, reader_.info);
        row_bytes = png_get_rowbytes(png, reader_.info);
    });

    // An interlaced picture comes in seven passes over all of it.
    const bool interlaced = passes > 1;
    const auto kept_rows = static_cast<std::size_t>(interlaced ? header_.height : 1);
    std::vector<std::uint8_t> raster(row_bytes * kept_rows);
    for (int pass = 0; interlaced && pass < passes; ++pass) {
        guarded([&] {
            for (std::size_t y = 0; y < kept_rows; ++y) {
                png_read_row(png, &raster[y * row_bytes], nullptr);
            }
        });
    }

    GreyImage image{.width = box.width, .height = box.height};
    image.pixels.resize(static_cast<std::size_t>(box.width) * static_cast<std::size_t>(box.height));
    const auto skipped = static_cast<std::size_t>(box.x) * static_cast<std::size_t>(channels);
    for (int y = 0; y < header_.height; ++y) {
        if (!interlaced) guarded([&] { png_read_row(png, raster.data(), nullptr); });
        if (y < box.y || y >= box.y + box.height) continue;
        const auto first = interlaced ? static_cast<std::size_t>(y) * row_bytes : 0;
        greyRow(std::span(raster).subspan(first + skipped), channels, image.row(y - box.y));
    }
    guarded([&] { png_read_end(png, nullptr); });
    return image;
}

}  // namespace

std::unique_ptr<ImageFile> openPng(std::span<const std::uint8_t> bytes,
                                   const ReadOptions& options) {
    return std::make_unique<PngFile>(bytes, options);
}

}  // namespace sheafline::sheets
