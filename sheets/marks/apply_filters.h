// What a template wants done to an image before it is read. Pure.
#pragma once

#include <optional>
#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// One after the other; nothing where there are none, so that no page is copied in vain.
std::optional<GreyImage> applyFilters(const GreyImage& image,
                                      const std::vector<ImageFilter>& filters);

}  // namespace sheafline::sheets
