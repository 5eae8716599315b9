#include "page_content.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "bounded_bytes.h"
#include "content_reader.h"

namespace sheafline::pdf {

namespace {

constexpr std::uint64_t kMostPageContent = 16ULL << 20U;
constexpr double kPointsPerInch = 72;
// Scanners round the size of the page.
constexpr double kTolerance = 0.02;
constexpr double kSkew = 0.002;

struct Box {
    double left = 0;
    double bottom = 0;
    double right = 0;
    double top = 0;

    double width() const { return right - left; }
    double height() const { return top - bottom; }
};

Box boxOf(QPDFPageObjectHelper page) {
    auto crop = page.getAttribute("/CropBox", false);
    auto media = page.getAttribute("/MediaBox", false);
    const auto sorted = [](QPDFObjectHandle rectangle) {
        const auto r = rectangle.getArrayAsRectangle();
        return Box{.left = std::min(r.llx, r.urx),
                   .bottom = std::min(r.lly, r.ury),
                   .right = std::max(r.llx, r.urx),
                   .top = std::max(r.lly, r.ury)};
    };
    // A reader shows US Letter if a page does not say its size.
    Box box = media.isRectangle() ? sorted(media) : Box{.right = 612, .top = 792};
    if (!crop.isRectangle()) return box;
    const Box inner = sorted(crop);
    box = {.left = std::max(box.left, inner.left),
           .bottom = std::max(box.bottom, inner.bottom),
           .right = std::min(box.right, inner.right),
           .top = std::min(box.top, inner.top)};
    return box;
}

int quarterTurns(QPDFPageObjectHelper page) {
    auto rotate = page.getAttribute("/Rotate", false);
    if (!rotate.isInteger()) return 0;
    const auto turns = (rotate.getIntValue() / 90) % 4;
    return static_cast<int>(turns < 0 ? turns + 4 : turns);
}

bool covers(const PageMatrix& m, const Box& box) {
    const auto [left, right] = std::minmax({m.e, m.e + m.a, m.e + m.c, m.e + m.a + m.c});
    const auto [bottom, top] = std::minmax({m.f, m.f + m.b, m.f + m.d, m.f + m.b + m.d});
    const double across = kTolerance * box.width();
    const double down = kTolerance * box.height();
    return std::abs(left - box.left) <= across && std::abs(right - box.right) <= across &&
           std::abs(bottom - box.bottom) <= down && std::abs(top - box.top) <= down;
}

struct Direction {
    int right = 0;
    int down = 0;

    bool operator==(const Direction&) const = default;
};

// Of an axis of the image on the page as it is seen; (0, 0) if it is askew.
Direction seen(double x, double y, int turns) {
    const double most = std::max(std::abs(x), std::abs(y));
    if (most == 0 || std::min(std::abs(x), std::abs(y)) > kSkew * most) return {};
    const auto sign = [](double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; };
    int across = std::abs(x) > std::abs(y) ? sign(x) : 0;
    int up = across == 0 ? sign(y) : 0;
    for (int i = 0; i < turns; ++i) across = std::exchange(up, -across);
    return {.right = across, .down = -up};
}

// 1 to 8 as EXIF counts: where the rows of the image go, and where its columns go. 0: askew.
int orientationOf(const PageMatrix& m, int turns) {
    struct Known {
        Direction row;
        Direction column;
    };
    constexpr std::array<Known, 8> kKnown{{{{1, 0}, {0, 1}},
                                           {{-1, 0}, {0, 1}},
                                           {{-1, 0}, {0, -1}},
                                           {{1, 0}, {0, -1}},
                                           {{0, 1}, {1, 0}},
                                           {{0, 1}, {-1, 0}},
                                           {{0, -1}, {-1, 0}},
                                           {{0, -1}, {1, 0}}}};
    const Direction row = seen(m.a, m.b, turns);
    const Direction column = seen(-m.c, -m.d, turns);
    const auto* const found = std::ranges::find_if(
        kKnown, [&](const Known& known) { return known.row == row && known.column == column; });
    return found == kKnown.end() ? 0 : static_cast<int>(found - kKnown.begin()) + 1;
}

// What people wrote on the page with a PDF program, and filled forms.
bool hasDrawnNotes(QPDFPageObjectHelper page) {
    for (auto& note : page.getAnnotations()) {
        const std::string kind = note.getSubtype();
        if (kind == "/Link" || kind == "/Popup") continue;
        if (!note.getAppearanceStream("/N").isNull()) return true;
    }
    return false;
}

}  // namespace

PageSize sizeOf(const QPDFPageObjectHelper& page) {
    const Box box = boxOf(page);
    PageSize size{.width = std::max(0.0, box.width()), .height = std::max(0.0, box.height())};
    if (quarterTurns(page) % 2 == 1) std::swap(size.width, size.height);
    return size;
}

PageContent contentOf(QPDFPageObjectHelper page) {
    std::string content;
    for (auto& part : page.getObjectHandle().getPageContents()) {
        const auto bytes = boundedBytes(part, Filters::all, kMostPageContent - content.size());
        if (!bytes) return {.why = "its content is damaged or too large"};
        content += *bytes + '\n';
        if (content.size() >= kMostPageContent) return {.why = "its content is too large"};
    }
    ContentReader reader;
    reader.read(content, page.getAttribute("/Resources", false), {});
    if (!reader.why().empty()) return {.why = reader.why()};
    if (!reader.image()) return {.why = "it has no image"};
    if (hasDrawnNotes(page)) return {.why = "it has notes or a filled form"};
    const PaintedImage& painted = *reader.image();
    const PageMatrix& m = painted.matrix;
    if (!covers(m, boxOf(page))) return {.why = "its image does not cover it"};
    PlacedImage placed{.image = painted.image, .resources = painted.resources};
    placed.placement.orientation = orientationOf(m, quarterTurns(page));
    if (placed.placement.orientation == 0) return {.why = "its image is askew"};
    QPDFObjectHandle dictionary = placed.image.getDict();
    const auto pixels = [&](const char* key) {
        auto value = dictionary.getKey(key);
        return value.isInteger() ? static_cast<double>(value.getIntValue()) : 0;
    };
    placed.placement.dpi_right = pixels("/Width") / std::hypot(m.a, m.b) * kPointsPerInch;
    placed.placement.dpi_down = pixels("/Height") / std::hypot(m.c, m.d) * kPointsPerInch;
    return {.image = std::move(placed)};
}

}  // namespace sheafline::pdf
