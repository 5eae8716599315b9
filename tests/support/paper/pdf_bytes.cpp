#include "pdf_bytes.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <tiffio.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

#include "image_files.h"

namespace sheafline::test {

namespace {

using sheets::GreyImage;

std::string sizeOf(const GreyImage& page) {
    return "/Width " + std::to_string(page.width) + " /Height " + std::to_string(page.height) + ' ';
}

std::string gray(const GreyImage& page, int bits) {
    return sizeOf(page) + "/ColorSpace /DeviceGray /BitsPerComponent " + std::to_string(bits) + ' ';
}

// Scanners choose a threshold above the middle, so that pale print survives.
constexpr std::uint8_t kPaper = 160;

// Rows of one bit a pixel; 1 is white.
std::string bitsOf(const GreyImage& page) {
    std::string bits;
    for (int y = 0; y < page.height; ++y) {
        std::string row(static_cast<std::size_t>(page.width + 7) / 8, '\0');
        for (std::size_t x = 0; x < static_cast<std::size_t>(page.width); ++x)
            if (page.row(y)[x] >= kPaper)
                row[x / 8] = static_cast<char>(row[x / 8] | (0x80 >> x % 8));
        bits += row;
    }
    return bits;
}

struct TemporaryTiff {
    std::string path = (std::filesystem::temp_directory_path() / "sheafline-fax-XXXXXX").string();

    TemporaryTiff() {
        const int file = ::mkstemp(path.data());
        if (file < 0) throw std::runtime_error("no temporary file");
        ::close(file);
    }
    ~TemporaryTiff() { std::remove(path.c_str()); }
    TemporaryTiff(const TemporaryTiff&) = delete;
    TemporaryTiff& operator=(const TemporaryTiff&) = delete;
};

void writeFax(const std::string& path, const GreyImage& page, int compression,
              std::uint32_t options) {
    TIFF* const tiff = TIFFOpen(path.c_str(), "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, page.height);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 200.0);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 200.0);
    if (compression == COMPRESSION_CCITTFAX3) TIFFSetField(tiff, TIFFTAG_GROUP3OPTIONS, options);
    std::string bits = bitsOf(page);
    for (char& byte : bits) byte = static_cast<char>(~byte);  // 1 is black in a fax
    const std::size_t row = static_cast<std::size_t>(page.width + 7) / 8;
    for (int y = 0; y < page.height; ++y)
        TIFFWriteScanline(tiff, bits.data() + row * static_cast<std::size_t>(y),
                          static_cast<std::uint32_t>(y));
    TIFFClose(tiff);
}

std::string faxData(const GreyImage& page, int compression, std::uint32_t options = 0) {
    const TemporaryTiff file;
    writeFax(file.path, page, compression, options);
    TIFF* const tiff = TIFFOpen(file.path.c_str(), "r");
    std::string data(static_cast<std::size_t>(TIFFRawStripSize(tiff, 0)), '\0');
    TIFFReadRawStrip(tiff, 0, data.data(), static_cast<tmsize_t>(data.size()));
    // libtiff mirrors the bits of a file as its own order says.
    TIFFClose(tiff);
    return data;
}

std::string pixelsOf(const GreyImage& page) { return {page.pixels.begin(), page.pixels.end()}; }

}  // namespace

int PdfWriter::add(std::string body) {
    objects_.push_back(std::move(body));
    return static_cast<int>(objects_.size());
}

int PdfWriter::addStream(const std::string& dictionary, const std::string& data) {
    return add("<< " + dictionary + " /Length " + std::to_string(data.size()) + " >>\nstream\n" +
               data + "\nendstream");
}

std::string PdfWriter::bytes(int root, const std::string& trailer, int shift) const {
    std::string file = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
    std::string table = "0000000000 65535 f \n";
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        std::string offset = std::to_string(static_cast<int>(file.size()) + shift);
        offset.insert(0, 10 - offset.size(), '0');
        table += offset + " 00000 n \n";
        file += std::to_string(i + 1) + " 0 obj\n" + objects_[i] + "\nendobj\n";
    }
    const std::size_t start = file.size();
    const std::string size = std::to_string(objects_.size() + 1);
    file += "xref\n0 " + size + '\n' + table + "trailer\n<< /Size " + size + " /Root " +
            std::to_string(root) + " 0 R " + trailer + " >>\nstartxref\n" +
            std::to_string(static_cast<int>(start) + shift) + "\n%%EOF\n";
    return file;
}

std::string pdfOf(const std::vector<PdfPage>& pages, const std::string& catalog) {
    PdfWriter pdf;
    // Each page takes up to three objects; the tree and the catalog come last.
    int objects = 0;
    for (const PdfPage& page : pages) objects += page.image ? 3 : 2;
    const std::string tree = std::to_string(objects + 1);
    std::string kids;
    for (const PdfPage& page : pages) {
        std::string image;
        if (page.image)
            image =
                "/XObject << /Im0 " +
                std::to_string(pdf.addStream(
                    "/Type /XObject /Subtype /Image " + page.image->dictionary, page.image->data)) +
                " 0 R >>";
        const int content = pdf.addStream("", page.content);
        const int number =
            pdf.add("<< /Type /Page /Parent " + tree + " 0 R /MediaBox [0 0 595 842] /Contents " +
                    std::to_string(content) + " 0 R /Resources << " + image + page.resources +
                    " >> " + page.more + " >>");
        kids += std::to_string(number) + " 0 R ";
    }
    pdf.add("<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(pages.size()) + " >>");
    return pdf.bytes(pdf.add("<< /Type /Catalog /Pages " + tree + " 0 R " + catalog + " >>"));
}

PdfImage jpegImage(const GreyImage& page) {
    const auto jpeg = sheets::writeJpeg(page);
    return {.dictionary = gray(page, 8) + "/Filter /DCTDecode", .data = {jpeg.begin(), jpeg.end()}};
}

PdfImage faxImage(const GreyImage& page, bool black_is_one) {
    PdfImage image{.dictionary = gray(page, 1) +
                                 "/Filter /CCITTFaxDecode /DecodeParms << /K -1 "
                                 "/Columns " +
                                 std::to_string(page.width) +
                                 (black_is_one ? " /BlackIs1 true" : "") + " >>",
                   .data = faxData(page, COMPRESSION_CCITTFAX4)};
    if (black_is_one) image.dictionary += " /Decode [1 0]";
    return image;
}

PdfImage fax3Image(const GreyImage& page, bool two_dimensional) {
    const std::uint32_t options = two_dimensional ? GROUP3OPT_2DENCODING : 0;
    return {.dictionary = gray(page, 1) + "/Filter [/CCITTFaxDecode] /DecodeParms [<< /K " +
                          (two_dimensional ? "4" : "0") + " /EndOfLine true /Columns " +
                          std::to_string(page.width) + " >>]",
            .data = faxData(page, COMPRESSION_CCITTFAX3, options)};
}

PdfImage flateImage(const GreyImage& page) {
    return {.dictionary = gray(page, 8) + "/Filter /FlateDecode", .data = zlibOf(pixelsOf(page))};
}

PdfImage pngPredictorImage(const GreyImage& page) {
    std::string rows;
    for (int y = 0; y < page.height; ++y) {
        rows += '\2';  // up
        for (std::size_t x = 0; x < static_cast<std::size_t>(page.width); ++x)
            rows += static_cast<char>(page.row(y)[x] - (y > 0 ? page.row(y - 1)[x] : 0));
    }
    return {.dictionary = gray(page, 8) +
                          "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 1 "
                          "/BitsPerComponent 8 /Columns " +
                          std::to_string(page.width) + " >>",
            .data = zlibOf(rows)};
}

PdfImage colorImage(const GreyImage& page) {
    std::string pixels;
    for (const std::uint8_t value : page.pixels) pixels.append(3, static_cast<char>(value));
    return {.dictionary =
                sizeOf(page) + "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode",
            .data = zlibOf(pixels)};
}

PdfImage paletteImage(const GreyImage& page) {
    std::string palette;
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (std::size_t i = 0; i < 16; ++i)
        for (int channel = 0; channel < 3; ++channel) palette += std::string(2, kHex[15 - i]);
    std::string rows;
    for (int y = 0; y < page.height; ++y) {
        for (std::size_t x = 0; x < static_cast<std::size_t>(page.width); x += 2) {
            const auto at = [&](std::size_t place) {
                if (place >= static_cast<std::size_t>(page.width)) return 0U;
                return 15U - page.row(y)[place] / 16U;
            };
            rows += static_cast<char>(at(x) << 4U | at(x + 1));
        }
    }
    return {.dictionary = sizeOf(page) + "/ColorSpace [/Indexed /DeviceRGB 15 <" + palette +
                          ">] /BitsPerComponent 4 /Filter /FlateDecode",
            .data = zlibOf(rows)};
}

PdfImage maskImage(const GreyImage& page, bool inverted) {
    std::string bits = bitsOf(page);  // 0 is painted
    if (inverted)
        for (char& byte : bits) byte = static_cast<char>(~byte);
    return {.dictionary = sizeOf(page) + "/ImageMask true /BitsPerComponent 1 " +
                          (inverted ? "/Decode [1 0] " : "") + "/Filter /FlateDecode",
            .data = zlibOf(bits)};
}

PdfImage plainImage(const GreyImage& page) {
    return {.dictionary = gray(page, 8), .data = pixelsOf(page)};
}

std::string zlibOf(const std::string& bytes) {
    uLongf length = ::compressBound(bytes.size());
    std::string packed(length, '\0');
    ::compress2(reinterpret_cast<Bytef*>(packed.data()), &length,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 1);
    packed.resize(length);
    return packed;
}

std::string blackAndWhiteTiff(const GreyImage& page) {
    const TemporaryTiff file;
    writeFax(file.path, page, COMPRESSION_CCITTFAX4, 0);
    std::ifstream in(file.path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace sheafline::test
