#include "image_files.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/encode.h>

namespace sheafline::sheets {

namespace {

Bytes packed(std::span<const std::uint8_t> row, int bits) {
    Bytes bytes((row.size() * static_cast<std::size_t>(bits) + 7) / 8);
    for (std::size_t x = 0; x < row.size(); ++x) {
        const std::size_t bit = x * static_cast<std::size_t>(bits);
        if (bits == 16) {
            bytes[2 * x] = bytes[2 * x + 1] = row[x];
        } else {
            const auto value = static_cast<unsigned>(row[x]) >> (8U - static_cast<unsigned>(bits));
            bytes[bit / 8] |= static_cast<std::uint8_t>(
                value << (8U - static_cast<unsigned>(bits) - static_cast<unsigned>(bit % 8)));
        }
    }
    return bytes;
}

void appendToBytes(png_structp png, png_bytep data, std::size_t size) {
    auto* bytes = static_cast<Bytes*>(png_get_io_ptr(png));
    bytes->insert(bytes->end(), data, data + size);
}

Bytes readTemporary(const char* name) {
    std::FILE* file = std::fopen(name, "rb");
    Bytes bytes(std::size_t{1} << 22U);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    return bytes;
}

Bytes pngRow(std::span<const std::uint8_t> row, const PngKind& kind) {
    if (!kind.colour && !kind.alpha) return packed(row, kind.bits);
    Bytes bytes;
    for (const auto pixel : row) {
        bytes.insert(bytes.end(), kind.colour ? 3 : 1, pixel);
        if (kind.alpha) bytes.push_back(128);
    }
    return bytes;
}

}  // namespace

GreyImage softPage(int width, int height) {
    GreyImage image = blankImage(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const double value = 128 + 60 * std::sin(x * 0.11 + 0.3) * std::cos(y * 0.07) +
                                 50.0 * x / width - 40.0 * y / height;
            image.row(y)[static_cast<std::size_t>(x)] =
                static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
        }
    }
    return image;
}

Bytes writeJpeg(const GreyImage& image, const JpegKind& kind) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &memory, &size);
    info.image_width = static_cast<JDIMENSION>(image.width);
    info.image_height = static_cast<JDIMENSION>(image.height);
    info.input_components = kind.print ? 4 : kind.colour ? 3 : 1;
    info.in_color_space = kind.print ? JCS_CMYK : kind.colour ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 97, TRUE);
    info.density_unit = 1;
    info.X_density = info.Y_density = static_cast<UINT16>(kind.dpi);
    if (kind.progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    if (kind.orientation > 0) {
        Bytes exif{'E', 'x',  'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
                   1,   0x12, 0,   3,   0, 0, 0,   1,   0, 0,  0, 0, 0, 0, 0, 0};
        exif[25] = static_cast<std::uint8_t>(kind.orientation);
        jpeg_write_marker(&info, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
    }
    for (int y = 0; y < image.height; ++y) {
        const auto grey = image.row(y);
        Bytes row(grey.begin(), grey.end());
        if (kind.colour) row = pngRow(grey, {.colour = true});
        if (kind.print) {
            row.clear();
            for (const std::uint8_t black : grey) row.insert(row.end(), {255, 255, 255, black});
        }
        JSAMPROW pointer = row.data();
        jpeg_write_scanlines(&info, &pointer, 1);
    }
    jpeg_finish_compress(&info);
    Bytes bytes(memory, memory + size);
    jpeg_destroy_compress(&info);
    std::free(memory);  // NOLINT: libjpeg's own allocation
    return bytes;
}

Bytes writePng(const GreyImage& image, const PngKind& kind) {
    Bytes bytes;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &bytes, appendToBytes, nullptr);
    int type = kind.colour ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
    if (kind.alpha) type |= PNG_COLOR_MASK_ALPHA;
    if (kind.palette) type = PNG_COLOR_TYPE_PALETTE;
    png_set_IHDR(png, info, static_cast<png_uint_32>(image.width),
                 static_cast<png_uint_32>(image.height), kind.bits, type,
                 kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    if (kind.palette) {
        const int count = 1 << kind.bits;
        std::vector<png_color> colours(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            const auto grey = static_cast<png_byte>(i * 255 / (count - 1));
            colours[static_cast<std::size_t>(i)] = {grey, grey, grey};
        }
        png_set_PLTE(png, info, colours.data(), count);
    }
    png_set_pHYs(png, info, 5906, 5906, PNG_RESOLUTION_METER);
    std::vector<Bytes> rows;
    for (int y = 0; y < image.height; ++y) rows.push_back(pngRow(image.row(y), kind));
    std::vector<png_bytep> pointers;
    for (auto& row : rows) pointers.push_back(row.data());
    png_set_rows(png, info, pointers.data());
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
    png_destroy_write_struct(&png, &info);
    return bytes;
}

Bytes writeTiff(const std::vector<GreyImage>& pages, const TiffKind& kind) {
    char name[] = "/tmp/sheafline_test_XXXXXX";
    const int fd = mkstemp(name);
    TIFF* tiff = TIFFFdOpen(fd, name, "w");
    for (const auto& page : pages) {
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(page.width));
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(page.height));
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
        TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.colour ? 3 : 1);
        TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
        const int grey_kind = kind.white_is_zero ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK;
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.colour ? PHOTOMETRIC_RGB : grey_kind);
        TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.fax ? COMPRESSION_CCITTFAX4 : COMPRESSION_LZW);
        TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
        TIFFSetField(tiff, TIFFTAG_XRESOLUTION, kind.dpi);
        TIFFSetField(tiff, TIFFTAG_YRESOLUTION, kind.dpi_down);
        if (kind.tiled) {
            TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 64);
            TIFFSetField(tiff, TIFFTAG_TILELENGTH, 64);
        } else {
            TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
        }
        for (int top = 0; kind.tiled && top < page.height; top += 64) {
            for (int left = 0; left < page.width; left += 64) {
                Bytes tile(std::size_t{64} * 64);
                for (int y = top; y < std::min(top + 64, page.height); ++y) {
                    for (int x = left; x < std::min(left + 64, page.width); ++x) {
                        tile[static_cast<std::size_t>((y - top) * 64 + x - left)] = page.at(x, y);
                    }
                }
                TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(left),
                              static_cast<std::uint32_t>(top), 0, 0);
            }
        }
        for (int y = 0; !kind.tiled && y < page.height; ++y) {
            Bytes row = pngRow(page.row(y), {.bits = kind.bits, .colour = kind.colour});
            if (kind.white_is_zero) {
                for (auto& byte : row) byte = static_cast<std::uint8_t>(~byte);
            }
            TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0);
        }
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
    Bytes bytes = readTemporary(name);
    std::remove(name);
    return bytes;
}

Bytes writeWebp(const GreyImage& image, const WebpKind& kind) {
    const Bytes pixels = [&] {
        Bytes all;
        for (const std::uint8_t pixel : image.pixels) all.insert(all.end(), 3, pixel);
        return all;
    }();
    std::uint8_t* memory = nullptr;
    const std::size_t size =
        WebPEncodeLosslessRGB(pixels.data(), image.width, image.height, 3 * image.width, &memory);
    Bytes bytes(memory, memory + size);
    WebPFree(memory);
    if (kind.orientation == 0 && !kind.animated) return bytes;
    // The extended format: what the file has, the size, the picture, then the EXIF block.
    const auto number = [](std::size_t value, std::size_t length) {
        Bytes digits;
        for (std::size_t i = 0; i < length; ++i)
            digits.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        return digits;
    };
    Bytes chunks{'V', 'P', '8', 'X', 10, 0, 0, 0};
    const auto add = [&](const Bytes& more) {
        chunks.insert(chunks.end(), more.begin(), more.end());
    };
    add({static_cast<std::uint8_t>(kind.animated ? 2 : 8), 0, 0, 0});
    add(number(static_cast<std::size_t>(image.width - 1), 3));
    add(number(static_cast<std::size_t>(image.height - 1), 3));
    chunks.insert(chunks.end(), bytes.begin() + 12, bytes.end());
    add({'E', 'X', 'I', 'F', 26, 0, 0, 0});
    add({'M', 'M',  0, 42, 0, 0, 0, 8, 0, 1,
         1,   0x12, 0, 3,  0, 0, 0, 1, 0, static_cast<std::uint8_t>(kind.orientation),
         0,   0,    0, 0,  0, 0});
    Bytes file{'R', 'I', 'F', 'F'};
    const Bytes length = number(chunks.size() + 4, 4);
    file.insert(file.end(), length.begin(), length.end());
    file.insert(file.end(), {'W', 'E', 'B', 'P'});
    file.insert(file.end(), chunks.begin(), chunks.end());
    return file;
}

int largestDifference(const GreyImage& a, const GreyImage& b) {
    if (a.width != b.width || a.height != b.height) return 256;
    int largest = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
    }
    return largest;
}

}  // namespace sheafline::sheets
