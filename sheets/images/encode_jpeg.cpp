#include <array>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <stdexcept>

#include <sheafline/sheets/encode_image.h>

namespace sheafline::sheets {

namespace {

struct EncodeFailure {
    std::jmp_buf place{};
    std::array<char, JMSG_LENGTH_MAX> text{};
};

[[noreturn]] void fail(j_common_ptr info) {
    auto* failure = static_cast<EncodeFailure*>(info->client_data);
    info->err->format_message(info, failure->text.data());
    std::longjmp(failure->place, 1);
}

// The compressor and the memory that it writes to.
struct Compressor {
    jpeg_compress_struct info{};
    unsigned char* bytes = nullptr;
    unsigned long size = 0;

    Compressor() = default;
    ~Compressor() {
        jpeg_destroy_compress(&info);
        std::free(bytes);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg allocates it by malloc
    }
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
};

}  // namespace

std::vector<std::uint8_t> encodeJpeg(const GreyImage& image, int quality) {
    EncodeFailure failure;
    jpeg_error_mgr errors{};
    Compressor jpeg;
    auto& info = jpeg.info;
    info.err = jpeg_std_error(&errors);
    info.client_data = &failure;
    errors.error_exit = fail;
    // libjpeg jumps over code without destructors; objects with destructors are above.
    if (setjmp(failure.place) != 0) {
        throw std::runtime_error("cannot write a JPEG: " + std::string(failure.text.data()));
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &jpeg.bytes, &jpeg.size);
    info.image_width = static_cast<JDIMENSION>(image.width);
    info.image_height = static_cast<JDIMENSION>(image.height);
    info.input_components = 1;
    info.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    if (image.dpi > 0) {
        info.density_unit = 1;
        info.X_density = info.Y_density = static_cast<UINT16>(std::lround(image.dpi));
    }
    jpeg_start_compress(&info, TRUE);
    for (int y = 0; y < image.height; ++y) {
        // libjpeg only reads through this pointer.
        JSAMPROW row = const_cast<JSAMPROW>(image.row(y).data());
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    return {jpeg.bytes, jpeg.bytes + jpeg.size};
}

}  // namespace sheafline::sheets
