// Grey pages as files. Thread-safe; throws std::runtime_error if the encoder fails.
#pragma once

#include <cstdint>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/sheets/grey_image.h>

namespace sheafline::sheets {

SHEAFLINE_API std::vector<std::uint8_t> encodeJpeg(const GreyImage& image,
                                                   int quality);  // 1 to 100

}  // namespace sheafline::sheets
