// The colors of an image's samples, as far as image formats have the same.
#pragma once

#include <optional>
#include <qpdf/QPDFObjectHandle.hh>

#include "image_wrap.h"

namespace sheafline::pdf {

// Size, bits, components, palette and whether white is zero; nothing if the page must be drawn.
std::optional<Pixels> pixelsOf(QPDFObjectHandle dictionary, const QPDFObjectHandle& resources);

}  // namespace sheafline::pdf
