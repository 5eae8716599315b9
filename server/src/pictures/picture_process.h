// A picture process: our own program, started by PictureDesk, which decodes what users have sent.
// It has a limit on its memory, writes no file and holds no key; a crash costs one picture.
//
//     desk → process   frame 1: a PictureOrder (wireOf)
//     process → desk   frame 1: media type, bytes     frame 2: error code, text
#pragma once

#include <cstdint>

namespace sheafline {

inline constexpr std::uint8_t kPictureFrame = 1;
inline constexpr std::uint8_t kPictureErrorFrame = 2;

// Draws what is ordered at descriptor 3 until its other side is gone; its exit status.
int drawPictures();

}  // namespace sheafline
