#include <cmath>

#include <sheafline/sheets/page_box.h>

namespace sheafline::sheets {

PageBox turned(const PageBox& box, int quarter_turns) {
    const PageBox right{
        .x = 1 - box.y - box.height, .y = box.x, .width = box.height, .height = box.width};
    switch (((quarter_turns % 4) + 4) % 4) {
        case 1:
            return right;
        case 2:
        case 3:
            return turned(right, quarter_turns - 1);
        default:
            return box;
    }
}

PixelBox pixelsOf(const PageBox& box, int width, int height) {
    const int left = static_cast<int>(std::floor(box.x * width));
    const int top = static_cast<int>(std::floor(box.y * height));
    const int right = static_cast<int>(std::ceil((box.x + box.width) * width));
    const int bottom = static_cast<int>(std::ceil((box.y + box.height) * height));
    return cutToPage({.x = left, .y = top, .width = right - left, .height = bottom - top}, width,
                     height);
}

}  // namespace sheafline::sheets
