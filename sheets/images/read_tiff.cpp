#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <tiffio.h>

#include "images/image_formats.h"

namespace sheafline::sheets {

namespace {

// The first error of libtiff. It continues after most errors, with white or old pixels, which would
// be read as a sheet. So the first error counts, whatever the call returns.
struct Complaint {
    std::array<char, 160> text{};
    bool given = false;
};

int noteError(TIFF* /*tiff*/, void* user, const char* /*module*/, const char* format,
              std::va_list arguments) {
    auto* complaint = static_cast<Complaint*>(user);
    if (complaint->given) return 1;
    std::vsnprintf(complaint->text.data(), complaint->text.size(), format, arguments);
    complaint->given = true;
    return 1;
}

int noteWarning(TIFF* tiff, void* user, const char* module, const char* format,
                std::va_list arguments) {
    // Fax decoders only warn where their data end too early, and about lines of a wrong length.
    if (std::strstr(format, "remature EOF") != nullptr) {
        return noteError(tiff, user, module, format, arguments);
    }
    return 1;
}

struct Memory {
    std::span<const std::uint8_t> bytes;
    toff_t position = 0;
};

tmsize_t readMemory(thandle_t handle, void* target, tmsize_t size) {
    auto* memory = static_cast<Memory*>(handle);
    if (memory->position >= memory->bytes.size()) return 0;
    const auto rest = memory->bytes.subspan(memory->position);
    const std::size_t count = std::min(rest.size(), static_cast<std::size_t>(size));
    std::memcpy(target, rest.data(), count);
    memory->position += count;
    return static_cast<tmsize_t>(count);
}

tmsize_t writeNothing(thandle_t /*handle*/, void* /*source*/, tmsize_t /*size*/) { return 0; }

toff_t seekMemory(thandle_t handle, toff_t offset, int whence) {
    auto* memory = static_cast<Memory*>(handle);
    if (whence == SEEK_SET) memory->position = offset;
    if (whence == SEEK_CUR) memory->position += offset;
    if (whence == SEEK_END) memory->position = memory->bytes.size() + offset;
    return memory->position;
}

int closeMemory(thandle_t /*handle*/) { return 0; }
toff_t sizeMemory(thandle_t handle) { return static_cast<Memory*>(handle)->bytes.size(); }

struct CloseTiff {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

class OpenTiff {
 public:
    // No single buffer of libtiff's may become larger than `most_bytes`.
    explicit OpenTiff(std::span<const std::uint8_t> bytes, std::uint64_t most_bytes = 16U << 20U)
        : memory_{.bytes = bytes} {
        TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, static_cast<tmsize_t>(most_bytes));
        TIFFOpenOptionsSetErrorHandlerExtR(options, noteError, &complaint_);
        TIFFOpenOptionsSetWarningHandlerExtR(options, noteWarning, &complaint_);
        // "m": no memory mapping; the bytes are in memory already.
        tiff_.reset(TIFFClientOpenExt("sheet", "rm", &memory_, readMemory, writeNothing, seekMemory,
                                      closeMemory, sizeMemory, nullptr, nullptr, options));
        TIFFOpenOptionsFree(options);
        if (!tiff_) reject();
    }

    TIFF* get() { return tiff_.get(); }
    bool complained() const { return complaint_.given; }
    [[noreturn]] void reject() const {
        throw UnreadableImage("the TIFF is damaged or truncated" +
                              (complaint_.given ? ": " + std::string(complaint_.text.data()) : ""));
    }

 private:
    Memory memory_;
    Complaint complaint_;
    std::unique_ptr<TIFF, CloseTiff> tiff_;
};

class TiffFile : public ImageFile {
 public:
    TiffFile(std::span<const std::uint8_t> bytes, const ReadOptions& options);

    Header header() const override { return header_; }
    GreyImage decode(PixelBox box) override;

 private:
    template <typename T>
    T field(std::uint32_t tag, T otherwise) {
        T value = otherwise;
        TIFFGetFieldDefaulted(tiff_.get(), tag, &value);
        return value;
    }
    // Black and white or 8-bit grey in strips, as scanners write: a row at a time.
    GreyImage decodeRows(std::uint16_t bits, bool white_is_zero);
    // Everything else that libtiff knows.
    GreyImage decodeRaster();

    OpenTiff tiff_;
    Header header_;
};

TiffFile::TiffFile(std::span<const std::uint8_t> bytes, const ReadOptions& options)
    : tiff_(bytes, 8 * options.max_pixels) {
    if (options.page < 1 || options.page > 0xFFFF ||
        TIFFSetDirectory(tiff_.get(), static_cast<tdir_t>(options.page - 1)) == 0) {
        throw UnreadableImage("the TIFF has no page " + std::to_string(options.page));
    }
    const auto width = field<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
    const auto height = field<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
    requireReadableSize(width, height, options);
    header_.width = static_cast<int>(width);
    header_.height = static_cast<int>(height);
    header_.orientation = Orientation(field<std::uint16_t>(TIFFTAG_ORIENTATION, 1));
    const auto unit = field<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    const auto resolution = static_cast<double>(field<float>(TIFFTAG_XRESOLUTION, 0));
    const auto down = static_cast<double>(field<float>(TIFFTAG_YRESOLUTION, 0));
    // Without a unit, the two still tell the shape of a pixel.
    header_.dpi_down = down;
    if (unit == RESUNIT_INCH || unit == RESUNIT_NONE) header_.dpi = resolution;
    if (unit == RESUNIT_CENTIMETER) {
        header_.dpi = resolution * 2.54;
        header_.dpi_down = down * 2.54;
    }
}

GreyImage TiffFile::decode(PixelBox box) {
    const auto bits = field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
    const auto samples = field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
    const auto photometric = field<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    const bool plain =
        samples == 1 && (bits == 1 || bits == 8) && TIFFIsTiled(tiff_.get()) == 0 &&
        (photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_MINISBLACK);
    const GreyImage page =
        plain ? decodeRows(bits, photometric == PHOTOMETRIC_MINISWHITE) : decodeRaster();
    if (tiff_.complained()) tiff_.reject();
    return crop(page, box);
}

GreyImage TiffFile::decodeRows(std::uint16_t bits, bool white_is_zero) {
    GreyImage page = blankImage(header_.width, header_.height);
    const auto row_bytes = static_cast<std::size_t>(TIFFScanlineSize64(tiff_.get()));
    const auto needed = (static_cast<std::size_t>(header_.width) * bits + 7) / 8;
    if (row_bytes < needed) tiff_.reject();
    std::vector<std::uint8_t> packed(row_bytes);
    const unsigned flip = white_is_zero ? 0xFFU : 0U;
    for (int y = 0; y < header_.height; ++y) {
        if (TIFFReadScanline(tiff_.get(), packed.data(), static_cast<std::uint32_t>(y)) < 0) {
            tiff_.reject();
        }
        const auto row = page.row(y);
        for (std::size_t x = 0; x < row.size(); ++x) {
            const unsigned value =
                bits == 8 ? packed[x] : ((packed[x / 8] >> (7U - x % 8)) & 1U) * 255U;
            row[x] = static_cast<std::uint8_t>(value ^ flip);
        }
    }
    return page;
}

GreyImage TiffFile::decodeRaster() {
    std::array<char, 1024> reason{};
    if (TIFFRGBAImageOK(tiff_.get(), reason.data()) == 0) {
        throw UnreadableImage("this kind of TIFF is not supported: " + std::string(reason.data()));
    }
    const auto width = static_cast<std::uint32_t>(header_.width);
    const auto height = static_cast<std::uint32_t>(header_.height);
    std::vector<std::uint32_t> raster(static_cast<std::size_t>(width) * height);
    // The file's own orientation asked for is the one that moves nothing.
    const auto orientation = field<std::uint16_t>(TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (TIFFReadRGBAImageOriented(tiff_.get(), width, height, raster.data(), orientation, 1) == 0) {
        tiff_.reject();
    }
    GreyImage page = blankImage(header_.width, header_.height);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width) * 3);
    for (int y = 0; y < header_.height; ++y) {
        const auto* source = &raster[static_cast<std::size_t>(y) * width];
        for (std::size_t x = 0; x < width; ++x) {
            // libtiff has multiplied the colours by alpha: what is missing is white paper.
            const std::uint32_t paper = 255U - TIFFGetA(source[x]);
            pixels[3 * x] = static_cast<std::uint8_t>(std::min(255U, TIFFGetR(source[x]) + paper));
            pixels[3 * x + 1] =
                static_cast<std::uint8_t>(std::min(255U, TIFFGetG(source[x]) + paper));
            pixels[3 * x + 2] =
                static_cast<std::uint8_t>(std::min(255U, TIFFGetB(source[x]) + paper));
        }
        greyRow(pixels, 3, page.row(y));
    }
    return page;
}

}  // namespace

std::unique_ptr<ImageFile> openTiff(std::span<const std::uint8_t> bytes,
                                    const ReadOptions& options) {
    return std::make_unique<TiffFile>(bytes, options);
}

int countTiffPages(std::span<const std::uint8_t> bytes) {
    OpenTiff tiff(bytes);
    return static_cast<int>(TIFFNumberOfDirectories(tiff.get()));
}

}  // namespace sheafline::sheets
