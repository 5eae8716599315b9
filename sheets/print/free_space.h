// Where a page has room: a grid of one millimeter in which the printed parts are marked as used.
// One thread.
#pragma once

#include <optional>
#include <vector>

namespace sheafline::sheets {

// Millimeters from the page's top left corner.
struct FreeBox {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

class FreeSpace {
 public:
    FreeSpace(double width, double height, double margin);

    void use(const FreeBox& box, double margin = 0);
    // The highest free box of at least this size, the leftmost of equal ones; as wide as there is
    // room, up to `most_width`. Its place is used afterwards.
    std::optional<FreeBox> take(double least_width, double height, double most_width);

 private:
    bool isFree(int x, int y, int width, int height) const;

    int columns_;
    int rows_;
    std::vector<bool> used_;
};

}  // namespace sheafline::sheets
