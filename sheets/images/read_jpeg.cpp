// libjpeg reports errors by longjmp, so every call of it is in a lambda without destructors, which
// guarded() runs.
#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <jerror.h>
#include <jpeglib.h>
#include <string>

#include "images/exif.h"
#include "images/image_formats.h"

namespace sheafline::sheets {

namespace {

// A progressive file may repeat its scans without end; cameras and scanners write about ten.
constexpr int kMaxScans = 100;

struct JpegFailure {
    std::jmp_buf place{};
    std::array<char, JMSG_LENGTH_MAX> text{};
};

[[noreturn]] void fail(j_common_ptr info, const char* text) {
    auto* failure = static_cast<JpegFailure*>(info->client_data);
    std::snprintf(failure->text.data(), failure->text.size(), "%s", text);
    std::longjmp(failure->place, 1);
}

[[noreturn]] void failWithMessage(j_common_ptr info) {
    std::array<char, JMSG_LENGTH_MAX> message{};
    info->err->format_message(info, message.data());
    auto* failure = static_cast<JpegFailure*>(info->client_data);
    std::snprintf(failure->text.data(), failure->text.size(), "the JPEG is damaged: %.150s",
                  message.data());
    std::longjmp(failure->place, 1);
}

void judgeMessage(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
        case JWRN_JPEG_EOF:
        case JWRN_HIT_MARKER:
            fail(info, "the JPEG is truncated or damaged: its data end too early");
        // The picture is complete nevertheless.
        case JWRN_EXTRANEOUS_DATA:
        case JWRN_JFIF_MAJOR:
        case JWRN_ADOBE_XFORM:
        case JWRN_BOGUS_ICC:
            return;
        default:
            failWithMessage(info);
    }
}

void limitScans(j_common_ptr info) {
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) {
        fail(info, "the JPEG has too many scans");
    }
}

struct Decompressor {
    jpeg_decompress_struct info{};

    Decompressor() = default;
    ~Decompressor() { jpeg_destroy_decompress(&info); }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;
};

// CMYK as grey. Adobe stores how much light is left, others how much ink is there.
void greyOfPrint(const std::uint8_t* cmyk, bool light, std::span<std::uint8_t> grey) {
    for (std::uint8_t& pixel : grey) {
        std::array<std::uint32_t, 4> left{};
        for (std::uint32_t& each : left) {
            each = light ? *cmyk : 255U - *cmyk;
            ++cmyk;
        }
        const std::uint32_t color = (299U * left[0] + 587U * left[1] + 114U * left[2]) / 1000U;
        pixel = static_cast<std::uint8_t>((color * left[3] + 127U) / 255U);
    }
}

class JpegFile : public ImageFile {
 public:
    JpegFile(std::span<const std::uint8_t> bytes, const ReadOptions& options);

    Header header() const override { return header_; }
    GreyImage decode(PixelBox box) override;

 private:
    template <typename Calls>
    void guarded(Calls calls) {
        if (setjmp(failure_.place) != 0) throw UnreadableImage(failure_.text.data());
        calls();
    }
    void readExtras();

    bool print_colors_ = false;  // CMYK
    JpegFailure failure_;
    jpeg_error_mgr errors_{};
    jpeg_progress_mgr progress_{};
    Decompressor jpeg_;
    Header header_;
};

JpegFile::JpegFile(std::span<const std::uint8_t> bytes, const ReadOptions& options) {
    auto& info = jpeg_.info;
    info.err = jpeg_std_error(&errors_);
    info.client_data = &failure_;
    errors_.error_exit = failWithMessage;
    errors_.emit_message = judgeMessage;
    progress_.progress_monitor = limitScans;
    guarded([&] {
        jpeg_create_decompress(&info);
        info.progress = &progress_;
        jpeg_mem_src(&info, bytes.data(), bytes.size());
        jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
        jpeg_read_header(&info, TRUE);
    });
    requireReadableSize(info.image_width, info.image_height, options);
    print_colors_ = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    header_.width = static_cast<int>(info.image_width);
    header_.height = static_cast<int>(info.image_height);
    readExtras();
}

void JpegFile::readExtras() {
    const auto& info = jpeg_.info;
    const double unit = info.density_unit == 1 ? 1 : info.density_unit == 2 ? 2.54 : 0;
    header_.dpi = info.X_density * unit;
    header_.dpi_down = info.Y_density * unit;
    constexpr std::string_view kExif("Exif\0\0", 6);
    for (const auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
        const std::span<const std::uint8_t> block(marker->data, marker->data_length);
        if (block.size() < kExif.size() || !std::equal(kExif.begin(), kExif.end(), block.begin())) {
            continue;
        }
        const Exif exif = parseExif(block.subspan(kExif.size()));
        header_.orientation = Orientation(exif.orientation);
        if (header_.dpi == 0) header_.dpi = exif.dpi;
        return;
    }
}

GreyImage JpegFile::decode(PixelBox box) {
    auto& info = jpeg_.info;
    GreyImage image{.width = box.width, .height = box.height};
    image.pixels.resize(static_cast<std::size_t>(box.width) * static_cast<std::size_t>(box.height));
    const bool whole_width = box.width == header_.width;
    const bool to_the_end = box.y + box.height == header_.height;
    const std::size_t channels = print_colors_ ? 4 : 1;
    const bool direct = whole_width && !print_colors_;
    std::vector<std::uint8_t> wide_row(direct ? 0
                                              : channels * static_cast<std::size_t>(header_.width));
    auto offset = static_cast<JDIMENSION>(box.x);
    auto width = static_cast<JDIMENSION>(box.width);
    guarded([&] {
        info.out_color_space = print_colors_ ? JCS_CMYK : JCS_GRAYSCALE;
        jpeg_start_decompress(&info);
        if (!whole_width) jpeg_crop_scanline(&info, &offset, &width);
        if (box.y > 0) jpeg_skip_scanlines(&info, static_cast<JDIMENSION>(box.y));
        for (int y = 0; y < box.height; ++y) {
            auto* const target =
                &image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(box.width)];
            JSAMPROW row = direct ? target : wide_row.data();
            jpeg_read_scanlines(&info, &row, 1);
            // The decoder begins at a block border, somewhat left of what was asked for.
            const std::uint8_t* source =
                row + channels * (static_cast<std::size_t>(box.x) - offset);
            if (print_colors_)
                greyOfPrint(source, info.saw_Adobe_marker == TRUE,
                            {target, static_cast<std::size_t>(box.width)});
            else if (!direct)
                std::copy_n(source, box.width, target);
        }
        // Also checks whether the file is complete.
        if (to_the_end) jpeg_finish_decompress(&info);
    });
    return image;
}

}  // namespace

std::unique_ptr<ImageFile> openJpeg(std::span<const std::uint8_t> bytes,
                                    const ReadOptions& options) {
    return std::make_unique<JpegFile>(bytes, options);
}

}  // namespace sheafline::sheets
