// Follows the operators of a page's content: which image it paints last over all else, and whether
// anything else can be seen. One thread; made for one page.
#pragma once

#include <cstddef>
#include <optional>
#include <qpdf/QPDFObjectHandle.hh>
#include <string>
#include <vector>

#include "page_matrix.h"

namespace sheafline::pdf {

struct PaintedImage {
    QPDFObjectHandle image{};
    QPDFObjectHandle resources{};
    PageMatrix matrix{};
};

class ContentReader {
 public:
    // Reads a page's content, or that of a form.
    void read(const std::string& content, const QPDFObjectHandle& resources,
              const PageMatrix& matrix, int depth = 0);

    const std::optional<PaintedImage>& image() const { return image_; }
    const std::string& why() const { return why_; }  // what else can be seen; empty if nothing
    void give(std::string why);

 private:
    struct State {
        PageMatrix matrix{};
        bool black = true;       // the color that fills
        bool invisible = false;  // text that is only there to be searched
    };
    class Operators;

    void apply(const std::string& name, const std::vector<QPDFObjectHandle>& operands);
    void applyState(const std::string& name, const std::vector<QPDFObjectHandle>& operands);
    void paintObject(const std::vector<QPDFObjectHandle>& operands);
    void paintForm(QPDFObjectHandle form);
    void setGraphics(const std::vector<QPDFObjectHandle>& operands);
    void drawn(const char* what);

    QPDFObjectHandle resources_{};
    std::vector<State> states_{State{}};
    std::optional<PaintedImage> image_{};
    std::string why_{};
    bool drawn_before_ = false;  // below the image
    int depth_ = 0;
    std::size_t floor_ = 1;  // of the states that this content may remove
};

}  // namespace sheafline::pdf
