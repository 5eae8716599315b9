// Reads the part of an EXIF block that a page needs.
//
//     block     = order "*\0"-or-"\0*" offset32 … directory
//     order     = "II" (little endian) | "MM" (big endian)
//     directory = count16 entry{count}
//     entry     = tag16 type16 count32 value-or-offset32        (12 bytes)
//
// Anything that does not hold to it counts as absent: a photo with a broken block is still a photo.
#pragma once

#include <cstdint>
#include <span>

namespace sheafline::sheets {

struct Exif {
    int orientation = 1;
    double dpi = 0;
};

Exif parseExif(std::span<const std::uint8_t> block);

}  // namespace sheafline::sheets
