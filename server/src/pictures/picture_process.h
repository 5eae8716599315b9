// A picture process: this program, started by PictureDesk to decode uploaded images. Its memory is
// limited, it writes no file and has no key; a crash costs one picture.
//
//     desk → process   frame 1: a PictureOrder (wireOf)
//     process → desk   frame 1: media type, bytes     frame 2: error code, text
#pragma once

#include <cstdint>

namespace sheafline {

inline constexpr std::uint8_t kPictureFrame = 1;
inline constexpr std::uint8_t kPictureErrorFrame = 2;

// Draws the pictures that are ordered at descriptor 3 until the other side closes it. Returns the
// exit status.
int drawPictures();

}  // namespace sheafline
