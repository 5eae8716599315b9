// A PDF file of vector drawings, in millimeters from the top left corner of a template's page. What
// is drawn between beginShared() and endShared() is stored once and is on every later page that
// names it. Throws Error if the library fails. One thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "print/drawing.h"

namespace sheafline::sheets {

struct PdfPage {
    double width = 0;  // of the template, millimeters
    double height = 0;
    double paper_width = 0;
    double paper_height = 0;
};

class PdfDocument : public Drawing {
 public:
    // `font` is a TrueType file for letters that the built-in fonts lack.
    explicit PdfDocument(std::filesystem::path font);
    ~PdfDocument() override;
    PdfDocument(const PdfDocument&) = delete;
    PdfDocument& operator=(const PdfDocument&) = delete;

    // The drawing is fitted to the paper, in its middle.
    void addPage(const PdfPage& page);
    void beginShared();
    std::size_t endShared();  // its number
    void putShared(std::size_t number);

    void ink(double grey) override;
    void rectangle(double x, double y, double width, double height) override;
    void frame(double x, double y, double width, double height, double line) override;
    void ellipse(Point centre, double half_width, double half_height, double line) override;
    void disc(Point centre, double radius) override;
    void line(Point from, Point to, double line) override;
    void text(Point at, double size, const std::string& text, Face face = Face::plain,
              Align align = Align::left) override;
    double widthOf(const std::string& text, double size, Face face = Face::plain) override;
    void picture(const GreyImage& image, double x, double y, double width, double height) override;
    void pictureFile(const std::filesystem::path& file, double x, double y, double width,
                     double height);

    std::string bytes();  // of the file; call it once, at the end

 private:
    struct Library;

    std::unique_ptr<Library> library_;
};

}  // namespace sheafline::sheets
