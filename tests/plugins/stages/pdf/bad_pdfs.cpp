#include "pdf/bad_pdfs.h"

#include <sstream>

#include "image_files.h"
#include "pdf_bytes.h"

namespace sheafline::test {

namespace {

const sheets::GreyImage& page() {
    static const sheets::GreyImage image = sheets::softPage(120, 170);
    return image;
}

std::string good(int pages = 2) {
    return pdfOf(
        std::vector<PdfPage>(static_cast<std::size_t>(pages), {.image = flateImage(page())}));
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

// A tree of pages that refers to itself.
std::string cyclicTree() {
    PdfWriter pdf;
    pdf.add("<< /Type /Pages /Kids [2 0 R] /Count 1 >>");
    pdf.add("<< /Type /Pages /Kids [1 0 R] /Count 1 /Parent 1 0 R >>");
    return pdf.bytes(pdf.add("<< /Type /Catalog /Pages 1 0 R >>"));
}

std::string deepTree(int levels) {
    PdfWriter pdf;
    for (int i = 1; i <= levels; ++i)
        pdf.add("<< /Type /Pages /Kids [" + std::to_string(i + 1) + " 0 R] /Count 1 >>");
    pdf.add("<< /Type /Page /MediaBox [0 0 595 842] >>");
    return pdf.bytes(pdf.add("<< /Type /Catalog /Pages 1 0 R >>"));
}

std::string tenThousandObjects() {
    PdfWriter pdf;
    for (int i = 0; i < 10'000; ++i) pdf.add("[" + std::to_string(i) + " (text) << /A 1 >>]");
    const int image = pdf.addStream(
        "/Type /XObject /Subtype /Image " + flateImage(page()).dictionary, flateImage(page()).data);
    const int content = pdf.addStream("", "q 595 0 0 842 0 0 cm /Im0 Do Q");
    const int leaf =
        pdf.add("<< /Type /Page /MediaBox [0 0 595 842] /Contents " + std::to_string(content) +
                " 0 R /Resources << /XObject << /Im0 " + std::to_string(image) + " 0 R >> >> >>");
    const int tree =
        pdf.add("<< /Type /Pages /Kids [" + std::to_string(leaf) + " 0 R] /Count 1 >>");
    return pdf.bytes(pdf.add("<< /Type /Catalog /Pages " + std::to_string(tree) + " 0 R >>"));
}

// Few bytes that become a gigabyte.
const std::string& gigabyte() {
    static const std::string packed = zlibOf(std::string(std::size_t{1} << 30U, '\0'));
    return packed;
}

PdfImage hugeImage() {
    return {.dictionary =
                "/Width 32768 /Height 32768 /ColorSpace /DeviceGray /BitsPerComponent 8 "
                "/Filter /FlateDecode",
            .data = gigabyte()};
}

// An image of a plausible size whose data inflate to a gigabyte, through a filter that is decoded.
PdfImage bombImage() {
    return {.dictionary =
                "/Width 120 /Height 170 /ColorSpace /DeviceGray /BitsPerComponent 8 "
                "/Filter [/FlateDecode /RunLengthDecode]",
            .data = gigabyte()};
}

// The catalog is in an object stream that inflates to a gigabyte.
std::string objectStreamBomb() {
    std::string file = "%PDF-1.5\n";
    const std::size_t stream_at = file.size();
    file += "1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length " +
            std::to_string(gigabyte().size()) + " >>\nstream\n" + gigabyte() +
            "\nendstream\nendobj\n";
    const std::size_t table_at = file.size();
    std::string rows;
    const auto row = [&](int kind, std::size_t value, int more) {
        rows += static_cast<char>(kind);
        for (unsigned i = 4; i-- > 0;) rows += static_cast<char>(value >> (8 * i) & 0xFFU);
        rows += static_cast<char>(more);
    };
    row(0, 0, 0);
    row(1, stream_at, 0);
    row(2, 1, 0);
    row(1, table_at, 0);
    file += "3 0 obj\n<< /Type /XRef /W [1 4 1] /Size 4 /Root 2 0 R /Length " +
            std::to_string(rows.size()) + " >>\nstream\n" + rows +
            "\nendstream\nendobj\nstartxref\n" + std::to_string(table_at) + "\n%%EOF\n";
    return file;
}

std::string encrypted() {
    // Standard security handler; the password of this file is not empty.
    const std::string key(32, 'A');
    PdfWriter pdf;
    pdf.add("<< /Type /Pages /Kids [] /Count 0 >>");
    pdf.add("<< /Type /Catalog /Pages 1 0 R >>");
    pdf.add("<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O (" + key + ") /U (" + key +
            ") >>");
    return pdf.bytes(2,
                     "/Encrypt 3 0 R /ID [<00112233445566778899AABBCCDDEEFF> "
                     "<00112233445566778899AABBCCDDEEFF>]");
}

std::string nested(const std::string& open, const std::string& close, int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    for (int i = 0; i < depth; ++i) text += close;
    return text;
}

std::string selfForm() {
    PdfWriter pdf;
    const int form = pdf.next();
    pdf.addStream(
        "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /Im0 " +
            std::to_string(form) + " 0 R >> >>",
        "/Im0 Do");
    pdf.add(
        "<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Contents 1 0 R /Resources << "
        "/XObject << /Im0 1 0 R >> >> >>");
    pdf.add("<< /Type /Pages /Kids [2 0 R] /Count 1 >>");
    return pdf.bytes(pdf.add("<< /Type /Catalog /Pages 3 0 R >>"));
}

std::string onePage(const PdfPage& one) { return pdfOf({one}); }

PdfImage changed(PdfImage image, const std::string& what, const std::string& with) {
    image.dictionary = replaced(image.dictionary, what, with);
    return image;
}

}  // namespace

std::vector<BadPdf> badPdfs() {
    const std::string whole = good();
    const PdfImage image = flateImage(page());
    std::string cut_page = good();
    return {
        {"cut in the middle", whole.substr(0, whole.size() / 2), "is cut off"},
        {"cut before its end", whole.substr(0, whole.size() - 10), "is cut off"},
        {"only a header", "%PDF-1.7\n", "is cut off"},
        {"header and end", "%PDF-1.7\n%%EOF\n", "is damaged"},
        {"zeros", "%PDF-1.7\n" + std::string(5000, '\0') + "%%EOF", "is damaged"},
        {"encrypted", encrypted(), "is encrypted; save it without a password"},
        {"unknown encryption", replaced(encrypted(), "/Standard", "/Unknown_"), "is damaged"},
        {"cyclic tree of pages", cyclicTree(), "is damaged"},
        {"no pages", pdfOf({}), "has no pages"},
        {"no catalog", replaced(whole, "/Catalog", "/Katalog"), "", ""},
        {"tree that is no dictionary", replaced(whole, "/Pages 7 0 R", "/Pages [ 1 ] "),
         "has no pages"},
        {"lost page", replaced(replaced(whole, "/Count 2", "/Count 9"), "startxref", "startxrfe"),
         "it has 9 pages, and only 2 can be found"},
        {"wrong table of objects", replaced(whole, "startxref\n", "startxref\n9"), "", ""},
        {"ten thousand objects", tenThousandObjects(), "", ""},
        {"deep tree of pages", deepTree(100'000), "is damaged"},
        {"object stream that inflates to 1 GB", objectStreamBomb(),
         "is damaged|needs too much memory"},
        {"page of 1 GB", onePage({.image = hugeImage()}), "", "1073 million pixels"},
        {"image that inflates to 1 GB", onePage({.image = bombImage()}), "", ""},
        {"huge paper",
         onePage({.image = image,
                  .content = "0 0 9 9 re f",
                  .more = "/MediaBox [0 0 14400000 14400000]"}),
         "", "larger than a page"},
        {"JavaScript",
         pdfOf({{.image = image}}, "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"), "",
         ""},
        {"launch of a program",
         pdfOf({{.image = image}}, "/OpenAction << /S /Launch /F (/bin/sh) >>"), "", ""},
        {"form that contains itself", selfForm(), "", ""},
        {"deeply nested content", onePage({.image = image, .content = nested("q ", "Q ", 100'000)}),
         "", ""},
        {"deeply nested arrays", onePage({.image = image, .content = nested("[", "]", 100'000)}),
         "", ""},
        {"deeply nested catalog", pdfOf({{.image = image}}, "/X " + nested("[", "]", 100'000)),
         "is damaged|"},
        {"image of no size", onePage({.image = changed(image, "/Width 120", "/Width 0")}), "", ""},
        {"image of a negative size",
         onePage({.image = changed(image, "/Width 120", "/Width -120")}), "", ""},
        {"image with a wrong filter",
         onePage({.image = changed(image, "/FlateDecode", "/NoSuchDecode")}), "", ""},
        {"palette that is too short",
         onePage({.image = changed(image, "/DeviceGray", "[/Indexed /DeviceRGB 255 <00>]")}), "",
         ""},
        {"palette in a palette",
         onePage({.image = changed(image, "/DeviceGray",
                                   "[/Indexed [/Indexed /DeviceGray 1 <0000>] 1 <00FF>]")}),
         "", ""},
        {"JPEG that is no JPEG",
         onePage(
             {.image = PdfImage{.dictionary = jpegImage(page()).dictionary, .data = "no JPEG"}}),
         "", ""},
        {"content that is missing", replaced(good(1), "/Contents 2 0 R", "/Contents 99 0 R"), "",
         ""},
    };
}

}  // namespace sheafline::test
