// The filters of a template for an image before it is read. Pure.
#pragma once

#include <optional>
#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// Applies them one after the other; empty if there are none, which avoids copying the page.
std::optional<GreyImage> applyFilters(const GreyImage& image,
                                      const std::vector<ImageFilter>& filters);

}  // namespace sheafline::sheets
