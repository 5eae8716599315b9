#include "print/preview_page.h"

#include <array>
#include <cmath>

namespace sheafline::sheets {

namespace {

constexpr double kAdvance = 6.0 / 7;  // of a letter, as a share of its height: 5 of 7 and a gap
constexpr double kGap = 1.0 / 7;

int pixels(double mm, int dpi) { return static_cast<int>(std::lround(mm * dpi / 25.4)); }

}  // namespace

PreviewPage::PreviewPage(double width, double height, int dpi)
    : page_(blankImage(pixels(width, dpi), pixels(height, dpi), dpi)), canvas_(page_) {}

void PreviewPage::ink(double grey) { ink_ = static_cast<int>(std::lround(grey * 255)); }

void PreviewPage::rectangle(double x, double y, double width, double height) {
    canvas_.rectangle({.x = x, .y = y}, width, height, ink_);
}

void PreviewPage::frame(double x, double y, double width, double height, double line) {
    const std::array<Point, 4> corners{
        {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}};
    for (std::size_t i = 0; i < 4; ++i) this->line(corners.at(i), corners.at((i + 1) % 4), line);
}

void PreviewPage::ellipse(Point centre, double half_width, double half_height, double line) {
    constexpr int kParts = 48;
    const auto at = [&](int part) {
        const double angle = 6.283185307179586 * part / kParts;
        return Point{.x = centre.x + half_width * std::cos(angle),
                     .y = centre.y + half_height * std::sin(angle)};
    };
    for (int part = 0; part < kParts; ++part) this->line(at(part), at(part + 1), line);
}

void PreviewPage::disc(Point centre, double radius) {
    canvas_.disc({.x = centre.x, .y = centre.y}, radius, ink_);
}

void PreviewPage::line(Point from, Point to, double line) {
    canvas_.stroke({.x = from.x, .y = from.y}, {.x = to.x, .y = to.y}, line, ink_);
}

// The letters of samples are capitals.
void PreviewPage::text(Point at, double size, const std::string& text, Face face, Align align) {
    std::string capitals = text;
    for (char& c : capitals) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    const double width = widthOf(capitals, size, face);
    const double shift = align == Align::left ? 0 : align == Align::middle ? width / 2 : width;
    canvas_.text({.x = at.x - shift, .y = at.y - size}, size, capitals, ink_);
}

double PreviewPage::widthOf(const std::string& text, double size, Face /*face*/) {
    return text.empty() ? 0 : size * (kAdvance * static_cast<double>(text.size()) - kGap);
}

void PreviewPage::picture(const GreyImage& /*image*/, double x, double y, double width,
                          double height) {
    frame(x, y, width, height, 0.2);
}

}  // namespace sheafline::sheets
