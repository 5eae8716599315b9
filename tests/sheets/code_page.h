// A page of A4 at 72 dpi with QR codes on it.
#pragma once

#include <memory>
#include <qrencode.h>
#include <string>

#include <sheafline/sheets/grey_image.h>

namespace sheafline::test {

class CodePage {
 public:
    CodePage& add(int left, int top, const std::string& text) {
        constexpr int kModule = 4;
        const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
            QRcode_encodeString(text.c_str(), 2, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
        for (int y = 0; y < code->width * kModule; ++y) {
            for (int x = 0; x < code->width * kModule; ++x) {
                const int module = y / kModule * code->width + x / kModule;
                if ((code->data[module] & 1U) == 0) continue;
                const int column = left + x;
                page_.row(top + y)[static_cast<std::size_t>(column)] = 30;
            }
        }
        return *this;
    }
    // A line of print, far from the places of codes.
    CodePage& addLine() {
        for (int y = 700; y < 706; ++y)
            for (int x = 100; x < 300; ++x) page_.row(y)[static_cast<std::size_t>(x)] = 30;
        return *this;
    }
    const sheets::GreyImage& image() const { return page_; }

 private:
    sheets::GreyImage page_ = sheets::blankImage(595, 842, 72);
};

}  // namespace sheafline::test
