// What the content of a page draws: exactly one image that covers it, as scanners make it, or
// anything else. Follows the operators of the content and of its forms without drawing.
#pragma once

#include <optional>
#include <string>

// The subject of this program, so its headers may be included here.
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageObjectHelper.hh>

#include "image_wrap.h"

namespace sheafline::pdf {

struct PlacedImage {
    QPDFObjectHandle image{};
    QPDFObjectHandle resources{};  // in which its colors are named
    Placement placement{};
};

struct PageContent {
    std::optional<PlacedImage> image{};
    std::string why{};  // why the page must be drawn: "it has text"
};

PageContent contentOf(QPDFPageObjectHelper page);

// The size of the page in points, as it is seen; 0 if it has none.
struct PageSize {
    double width = 0;
    double height = 0;
};
PageSize sizeOf(const QPDFPageObjectHelper& page);

}  // namespace sheafline::pdf
