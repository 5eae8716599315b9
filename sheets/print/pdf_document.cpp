#include "print/pdf_document.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <hpdf.h>
#include <hpdf_font.h>
#include <map>
#include <optional>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

namespace sheafline::sheets {

namespace {

constexpr double kPointsPerMm = 72 / 25.4;
constexpr double kCapital = 0.72;  // height of a capital, as a share of the size of the font
constexpr unsigned kPagesOfNode = 1000;

// Latin-1, which the built-in fonts have; none if a letter is beyond it.
std::optional<std::string> latin1(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        const std::size_t length = utf8Length(text);
        if (length == 0) return std::nullopt;
        const char32_t letter = utf8Character(text);
        if (letter > 0xFF || letter < 0x20 || (letter >= 0x7F && letter < 0xA0))
            return std::nullopt;
        bytes += static_cast<char>(letter);
        text.remove_prefix(length);
    }
    return bytes;
}

}  // namespace

struct PdfDocument::Library {
    HPDF_Doc document = nullptr;
    HPDF_STATUS error = HPDF_OK;
    HPDF_STATUS detail = 0;
    std::filesystem::path font_file{};
    HPDF_Font plain = nullptr;
    HPDF_Font bold = nullptr;
    HPDF_Font unicode = nullptr;
    HPDF_Page page = nullptr;
    PdfPage format{};
    double scale = 1;  // points for a millimeter of the template
    double left = 0;
    double top = 0;
    // A shared stream names its fonts and pictures as its first page does, so that each page lists
    // them in the same order.
    struct Shared {
        HPDF_Dict stream = nullptr;
        std::vector<HPDF_Image> pictures{};
    };
    std::vector<Shared> shared{};
    std::vector<HPDF_Image> pictures{};  // of the shared stream that is being drawn
    std::map<std::filesystem::path, HPDF_Image> files{};

    float x(double mm) const { return static_cast<float>(left + mm * scale); }
    float y(double mm) const { return static_cast<float>(top - mm * scale); }
    float length(double mm) const { return static_cast<float>(mm * scale); }

    void check(const char* what) const {
        if (error == HPDF_OK) return;
        if (error == HPDF_FAILD_TO_ALLOC_MEM)
            throw Error(ErrorClass::transient, "MEMORY", std::string("no memory to ") + what);
        std::array<char, 32> code{};
        std::snprintf(code.data(), code.size(), "0x%04lX", error);
        throw Error(ErrorClass::permanent, "PDF",
                    std::string("cannot ") + what + " (libharu error " + code.data() + ")");
    }

    HPDF_Font unicodeFont(const std::string& text) {
        if (unicode != nullptr) return unicode;
        if (!std::filesystem::exists(font_file))
            throw ConfigError("'" + text +
                              "' has letters that need a TrueType font, and there is no " +
                              font_file.filename().string() + "; name one with --font");
        HPDF_UseUTFEncodings(document);
        const char* name = HPDF_LoadTTFontFromFile(document, font_file.c_str(), HPDF_TRUE);
        if (name != nullptr) unicode = HPDF_GetFont(document, name, "UTF-8");
        if (error != HPDF_OK || unicode == nullptr)
            throw ConfigError(font_file.filename().string() +
                              " is not a TrueType font; name one with --font");
        return unicode;
    }

    // A letter that the font lacks would be printed as an empty box.
    void requireGlyphs(HPDF_Font font, const std::string& text) const {
        const auto* attributes = static_cast<HPDF_FontAttr>(font->attr);
        std::string_view rest = text;
        while (!rest.empty()) {
            const std::size_t length = std::max<std::size_t>(utf8Length(rest), 1);
            const std::string letter(rest.substr(0, length));
            const char32_t code = isUtf8(letter) ? utf8Character(letter) : 0;
            rest.remove_prefix(length);
            if (code != 0 && code <= 0xFFFF &&
                HPDF_TTFontDef_GetGlyphid(attributes->fontdef, static_cast<HPDF_UINT16>(code)) != 0)
                continue;
            std::string finding = "the font " + font_file.filename().string() + " has no '";
            finding.append(letter).append("' (of '").append(text);
            throw ConfigError(finding + "'); name another TrueType font with --font");
        }
    }

    struct Words {
        HPDF_Font font;
        std::string bytes;
    };
    Words wordsOf(const std::string& text, Face face) {
        if (auto bytes = latin1(text))
            return {.font = face == Face::bold ? bold : plain, .bytes = *std::move(bytes)};
        HPDF_Font font = unicodeFont(text);
        requireGlyphs(font, text);
        return {.font = font, .bytes = text};
    }

    double width(const Words& words, double font_size) const {
        const auto units =
            HPDF_Font_TextWidth(words.font, reinterpret_cast<const HPDF_BYTE*>(words.bytes.c_str()),
                                static_cast<HPDF_UINT>(words.bytes.size()));
        return units.width * font_size / 1000;
    }

    void draw(HPDF_Image image, double box_x, double box_y, double width_mm, double height_mm) {
        if (image == nullptr) return;
        const double wide = HPDF_Image_GetWidth(image);
        const double high = HPDF_Image_GetHeight(image);
        const double fit = std::min(width_mm / wide, height_mm / high);
        HPDF_Page_DrawImage(page, image, x(box_x + (width_mm - wide * fit) / 2),
                            y(box_y + (height_mm + high * fit) / 2), length(wide * fit),
                            length(high * fit));
        pictures.push_back(image);
    }
};

PdfDocument::PdfDocument(std::filesystem::path font) : library_(std::make_unique<Library>()) {
    Library& of = *library_;
    of.font_file = std::move(font);
    // The library may call this anywhere in C code, so it must not throw.
    const auto note = [](HPDF_STATUS error, HPDF_STATUS detail, void* data) {
        auto& library = *static_cast<Library*>(data);
        if (library.error == HPDF_OK) {
            library.error = error;
            library.detail = detail;
        }
    };
    of.document = HPDF_New(note, library_.get());
    if (of.document == nullptr) throw Error(ErrorClass::transient, "MEMORY", "no memory for a PDF");
    HPDF_SetCompressionMode(of.document, HPDF_COMP_ALL);
    HPDF_SetPagesConfiguration(of.document, kPagesOfNode);
    of.plain = HPDF_GetFont(of.document, "Helvetica", "WinAnsiEncoding");
    of.bold = HPDF_GetFont(of.document, "Helvetica-Bold", "WinAnsiEncoding");
    of.check("begin a PDF");
}

PdfDocument::~PdfDocument() {
    // After an exception the form may be half drawn; the library does not free a state that was
    // stored and not taken back.
    HPDF_ResetError(library_->document);
    if (library_->page != nullptr) {
        for (HPDF_UINT left = HPDF_Page_GetGStateDepth(library_->page); left > 1; --left)
            HPDF_Page_GRestore(library_->page);
    }
    HPDF_Free(library_->document);
}

void PdfDocument::addPage(const PdfPage& page) {
    Library& of = *library_;
    of.page = HPDF_AddPage(of.document);
    of.check("add a page");
    of.format = page;
    const double fit = std::min(page.paper_width / page.width, page.paper_height / page.height);
    of.scale = fit * kPointsPerMm;
    of.left = (page.paper_width - page.width * fit) / 2 * kPointsPerMm;
    of.top = (page.paper_height - (page.paper_height - page.height * fit) / 2) * kPointsPerMm;
    HPDF_Page_SetWidth(of.page, static_cast<float>(page.paper_width * kPointsPerMm));
    HPDF_Page_SetHeight(of.page, static_cast<float>(page.paper_height * kPointsPerMm));
    for (HPDF_Font font : {of.plain, of.bold}) HPDF_Page_SetFontAndSize(of.page, font, 10);
    if (of.unicode != nullptr) HPDF_Page_SetFontAndSize(of.page, of.unicode, 10);
}

void PdfDocument::beginShared() {
    Library& of = *library_;
    of.pictures.clear();
    of.shared.emplace_back();
    HPDF_Page_New_Content_Stream(of.page, &of.shared.back().stream);
    HPDF_Page_GSave(of.page);
}

std::size_t PdfDocument::endShared() {
    Library& of = *library_;
    HPDF_Page_GRestore(of.page);
    of.shared.back().pictures = of.pictures;
    HPDF_Dict rest = nullptr;
    HPDF_Page_New_Content_Stream(of.page, &rest);
    of.check("draw the form");
    return of.shared.size() - 1;
}

void PdfDocument::putShared(std::size_t number) {
    Library& of = *library_;
    // Of no size: only their names.
    for (HPDF_Image image : of.shared.at(number).pictures)
        HPDF_Page_DrawImage(of.page, image, 0, 0, 0, 0);
    HPDF_Page_Insert_Shared_Content_Stream(of.page, of.shared.at(number).stream);
    HPDF_Dict rest = nullptr;
    HPDF_Page_New_Content_Stream(of.page, &rest);
    of.check("repeat the form");
}

void PdfDocument::ink(double grey) {
    HPDF_Page_SetGrayFill(library_->page, static_cast<float>(grey));
    HPDF_Page_SetGrayStroke(library_->page, static_cast<float>(grey));
}

void PdfDocument::rectangle(double x, double y, double width, double height) {
    Library& of = *library_;
    HPDF_Page_Rectangle(of.page, of.x(x), of.y(y + height), of.length(width), of.length(height));
    HPDF_Page_Fill(of.page);
}

void PdfDocument::frame(double x, double y, double width, double height, double line) {
    Library& of = *library_;
    HPDF_Page_SetLineWidth(of.page, of.length(line));
    HPDF_Page_Rectangle(of.page, of.x(x), of.y(y + height), of.length(width), of.length(height));
    HPDF_Page_Stroke(of.page);
}

void PdfDocument::ellipse(Point centre, double half_width, double half_height, double line) {
    Library& of = *library_;
    HPDF_Page_SetLineWidth(of.page, of.length(line));
    HPDF_Page_Ellipse(of.page, of.x(centre.x), of.y(centre.y), of.length(half_width),
                      of.length(half_height));
    HPDF_Page_Stroke(of.page);
}

void PdfDocument::disc(Point centre, double radius) {
    Library& of = *library_;
    HPDF_Page_Circle(of.page, of.x(centre.x), of.y(centre.y), of.length(radius));
    HPDF_Page_Fill(of.page);
}

void PdfDocument::line(Point from, Point to, double line) {
    Library& of = *library_;
    HPDF_Page_SetLineWidth(of.page, of.length(line));
    HPDF_Page_MoveTo(of.page, of.x(from.x), of.y(from.y));
    HPDF_Page_LineTo(of.page, of.x(to.x), of.y(to.y));
    HPDF_Page_Stroke(of.page);
}

void PdfDocument::text(Point at, double size, const std::string& text, Face face, Align align) {
    Library& of = *library_;
    if (text.empty()) return;
    const auto words = of.wordsOf(text, face);
    const double font_size = of.length(size) / kCapital;
    const double width = of.width(words, font_size);
    const double shift = align == Align::left ? 0 : align == Align::middle ? width / 2 : width;
    HPDF_Page_BeginText(of.page);
    HPDF_Page_SetFontAndSize(of.page, words.font, static_cast<float>(font_size));
    HPDF_Page_TextOut(of.page, static_cast<float>(of.x(at.x) - shift), of.y(at.y),
                      words.bytes.c_str());
    HPDF_Page_EndText(of.page);
}

double PdfDocument::widthOf(const std::string& text, double size, Face face) {
    if (text.empty()) return 0;
    return library_->width(library_->wordsOf(text, face), size / kCapital);
}

void PdfDocument::picture(const GreyImage& image, double x, double y, double width, double height) {
    Library& of = *library_;
    of.draw(HPDF_LoadRawImageFromMem(of.document, image.pixels.data(),
                                     static_cast<HPDF_UINT>(image.width),
                                     static_cast<HPDF_UINT>(image.height), HPDF_CS_DEVICE_GRAY, 8),
            x, y, width, height);
    of.check("draw a picture");
}

void PdfDocument::pictureFile(const std::filesystem::path& file, double x, double y, double width,
                              double height) {
    Library& of = *library_;
    auto [known, is_new] = of.files.try_emplace(file, nullptr);
    if (is_new) {
        known->second = HPDF_LoadPngImageFromFile(of.document, file.c_str());
        if (known->second == nullptr) {
            of.error = HPDF_OK;
            HPDF_ResetError(of.document);
            known->second = HPDF_LoadJpegImageFromFile(of.document, file.c_str());
        }
        if (known->second == nullptr)
            throw ConfigError(file.string() +
                              " cannot be read as PNG or JPEG; choose another logo");
    }
    of.draw(known->second, x, y, width, height);
    of.check("draw the logo");
}

std::string PdfDocument::bytes() {
    Library& of = *library_;
    of.check("draw the PDF");
    HPDF_SaveToStream(of.document);
    of.check("write the PDF");
    std::string bytes(HPDF_GetStreamSize(of.document), '\0');
    auto size = static_cast<HPDF_UINT32>(bytes.size());
    HPDF_ReadFromStream(of.document, reinterpret_cast<HPDF_BYTE*>(bytes.data()), &size);
    bytes.resize(size);
    return bytes;
}

}  // namespace sheafline::sheets
