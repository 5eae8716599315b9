#include "images/orientation.h"

#include <algorithm>
#include <array>

namespace sheafline::sheets {

namespace {

constexpr std::array<bool, 9> kMirrored{false, false, true, false, true, true, false, true, false};
constexpr std::array<int, 9> kTurns{0, 0, 0, 2, 2, 3, 1, 1, 3};

}  // namespace

Orientation::Orientation(int tag) {
    const auto index = static_cast<std::size_t>(tag >= 1 && tag <= 8 ? tag : 1);
    mirrored_ = kMirrored.at(index);
    quarter_turns_ = kTurns.at(index);
}

GreyImage Orientation::upright(GreyImage stored) const {
    if (mirrored_) {
        for (int y = 0; y < stored.height; ++y) std::ranges::reverse(stored.row(y));
    }
    if (quarter_turns_ == 0) return stored;
    return turned(stored, quarter_turns_);
}

PixelBox Orientation::stored(PixelBox upright, int stored_width, int stored_height) const {
    PixelBox box = upright;
    if (quarter_turns_ == 1) {
        box = {.x = upright.y,
               .y = stored_height - (upright.x + upright.width),
               .width = upright.height,
               .height = upright.width};
    } else if (quarter_turns_ == 2) {
        box.x = stored_width - (upright.x + upright.width);
        box.y = stored_height - (upright.y + upright.height);
    } else if (quarter_turns_ == 3) {
        box = {.x = stored_width - (upright.y + upright.height),
               .y = upright.x,
               .width = upright.height,
               .height = upright.width};
    }
    if (mirrored_) box.x = stored_width - (box.x + box.width);
    return box;
}

}  // namespace sheafline::sheets
