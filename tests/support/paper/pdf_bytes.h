// Writes PDF files object by object, also with wrong values, and the images that scanners put into
// them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::test {

class PdfWriter {
 public:
    // Both return the number of the object.
    int add(std::string body);
    int addStream(const std::string& dictionary, const std::string& data);
    int next() const { return static_cast<int>(objects_.size()) + 1; }

    // A shift of all offsets in the table makes it a wrong one.
    std::string bytes(int root, const std::string& trailer = {}, int shift = 0) const;

 private:
    std::vector<std::string> objects_{};
};

struct PdfImage {
    std::string dictionary{};  // its filter, colors and size
    std::string data{};
};

struct PdfPage {
    std::optional<PdfImage> image{};
    std::string content = "q 595 0 0 842 0 0 cm /Im0 Do Q";
    std::string more = "";       // of the page's dictionary, such as "/Rotate 90"
    std::string resources = "";  // besides the image Im0
};

std::string pdfOf(const std::vector<PdfPage>& pages, const std::string& catalog = {});

// As a scanner stores a page.
PdfImage jpegImage(const sheets::GreyImage& page);
PdfImage faxImage(const sheets::GreyImage& page, bool black_is_one = false);  // CCITT group 4
PdfImage fax3Image(const sheets::GreyImage& page, bool two_dimensional);
PdfImage flateImage(const sheets::GreyImage& page);                // gray, no predictor
PdfImage pngPredictorImage(const sheets::GreyImage& page);         // gray, predictor 15
PdfImage colorImage(const sheets::GreyImage& page);                // RGB, Flate
PdfImage paletteImage(const sheets::GreyImage& page);              // 16 grays in a palette
PdfImage maskImage(const sheets::GreyImage& page, bool inverted);  // 1 bit, painted in black
PdfImage plainImage(const sheets::GreyImage& page);                // no filter

std::string zlibOf(const std::string& bytes);
// The page as a fax file would have it.
std::string blackAndWhiteTiff(const sheets::GreyImage& page);

}  // namespace sheafline::test
