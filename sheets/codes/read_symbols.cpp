#include "codes/read_symbols.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#define ZX_USE_UTF8 1  // NOLINT: asks ZXing for texts in UTF-8
#include <ZXing/ReadBarcode.h>

namespace sheafline::sheets {

namespace {

// A row of bars that only one or two lines of the image cross may be print, or a part of another.
constexpr std::uint8_t kFewestLines = 4;
constexpr std::size_t kShortestLinear = 4;

using ZXing::BarcodeFormat;

ZXing::BarcodeFormats decoderFormats(std::span<const CodeFormat> formats) {
    ZXing::BarcodeFormats all;
    for (const CodeFormat format : formats) {
        switch (format) {
            case CodeFormat::qr:
                all |= BarcodeFormat::QRCode;
                break;
            case CodeFormat::datamatrix:
                all |= BarcodeFormat::DataMatrix;
                break;
            case CodeFormat::aztec:
                all |= BarcodeFormat::Aztec;
                break;
            case CodeFormat::pdf417:
                all |= BarcodeFormat::PDF417;
                break;
            case CodeFormat::code128:
                all |= BarcodeFormat::Code128;
                break;
            case CodeFormat::code39:
                all |= BarcodeFormat::Code39;
                break;
            case CodeFormat::ean:
                all |= BarcodeFormat::EAN13 | BarcodeFormat::EAN8;
                break;
        }
    }
    return all;
}

std::optional<CodeFormat> formatOf(BarcodeFormat format) {
    switch (format) {
        case BarcodeFormat::QRCode:
            return CodeFormat::qr;
        case BarcodeFormat::DataMatrix:
            return CodeFormat::datamatrix;
        case BarcodeFormat::Aztec:
            return CodeFormat::aztec;
        case BarcodeFormat::PDF417:
            return CodeFormat::pdf417;
        case BarcodeFormat::Code128:
            return CodeFormat::code128;
        case BarcodeFormat::Code39:
            return CodeFormat::code39;
        case BarcodeFormat::EAN13:
        case BarcodeFormat::EAN8:
            return CodeFormat::ean;
        default:
            return std::nullopt;
    }
}

ZXing::DecodeHints hintsFor(std::span<const CodeFormat> formats, Binarizer binarizer, int most) {
    ZXing::DecodeHints hints;
    hints.setFormats(decoderFormats(formats));
    hints.setBinarizer(binarizer == Binarizer::local_average ? ZXing::Binarizer::LocalAverage
                                                             : ZXing::Binarizer::GlobalHistogram);
    hints.setTryDownscale(false);  // the caller chooses the sizes
    // The search for finder patterns of QR codes does not mind quarter turns; others do.
    hints.setTryRotate(formats.size() != 1 || formats.front() != CodeFormat::qr);
    hints.setMinLineCount(kFewestLines);
    hints.setMaxNumberOfSymbols(static_cast<std::uint8_t>(most));
    return hints;
}

}  // namespace

std::vector<Symbol> readSymbols(const GreyImage& image, std::span<const CodeFormat> formats,
                                Binarizer binarizer, int most) {
    std::vector<Symbol> symbols;
    const ZXing::ImageView view(image.pixels.data(), image.width, image.height,
                                ZXing::ImageFormat::Lum);
    for (const auto& result : ZXing::ReadBarcodes(view, hintsFor(formats, binarizer, most))) {
        const auto format = formatOf(result.format());
        if (!result.isValid() || !format) continue;
        Symbol symbol{.text = result.text(), .format = *format};
        if (isLinear(*format) && symbol.text.size() < kShortestLinear) continue;
        for (std::size_t i = 0; i < symbol.corners.size(); ++i) {
            const auto corner = result.position()[i];
            symbol.corners.at(i) = {.x = static_cast<double>(corner.x),
                                    .y = static_cast<double>(corner.y)};
        }
        symbols.push_back(std::move(symbol));
    }
    return symbols;
}

}  // namespace sheafline::sheets
