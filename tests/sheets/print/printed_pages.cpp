#include "printed_pages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <stdexcept>

#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/read_image.h>

#include "sample/draw_mark.h"
#include "sample/scan.h"

namespace sheafline::test {

namespace {

using namespace sheafline::sheets;

std::string outputOf(const std::string& command) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                               ::pclose);
    std::string text;
    std::array<char, 4096> block{};
    for (std::size_t size = 1; size > 0;) {
        size = std::fread(block.data(), 1, block.size(), pipe.get());
        text.append(block.data(), size);
    }
    return text;
}

double brightnessAt(const GreyImage& image, Point at) {
    const auto x = static_cast<std::size_t>(at.x);
    const auto y = static_cast<std::size_t>(at.y);
    const auto pixel = [&](std::size_t right, std::size_t down) {
        return static_cast<double>(
            image.pixels[(y + down) * static_cast<std::size_t>(image.width) + x + right]);
    };
    const double right = at.x - static_cast<double>(x);
    const double down = at.y - static_cast<double>(y);
    return (pixel(0, 0) * (1 - right) + pixel(1, 0) * right) * (1 - down) +
           (pixel(0, 1) * (1 - right) + pixel(1, 1) * right) * down;
}

}  // namespace

bool hasPdfTools() {
    return std::system(
               "command -v pdftoppm > /dev/null && command -v pdftotext > /dev/null && "
               "command -v pdfinfo > /dev/null") == 0;
}

GreyImage renderedPage(const std::filesystem::path& pdf, int number, int dpi) {
    const std::string page = std::to_string(number);
    const std::string out = pdf.string() + "-" + page + "-" + std::to_string(dpi);
    const std::string command = "pdftoppm -q -gray -png -singlefile -f " + page + " -r " +
                                std::to_string(dpi) + " " + pdf.string() + " " + out;
    if (std::system(command.c_str()) != 0) throw std::runtime_error("pdftoppm fails: " + command);
    GreyImage image = readImage(readBytes(out + ".png"));
    image.dpi = dpi;
    std::filesystem::remove(out + ".png");
    return image;
}

std::string textOf(const std::filesystem::path& pdf) {
    return outputOf("pdftotext -q -layout " + pdf.string() + " -");
}

int pagesOf(const std::filesystem::path& pdf) {
    const std::string info = outputOf("pdfinfo " + pdf.string() + " 2> /dev/null");
    const std::size_t at = info.find("Pages:");
    return at == std::string::npos ? 0 : std::atoi(info.c_str() + at + 6);
}

std::vector<std::string> fillIn(GreyImage& page, const Template& sheet, Dice& dice) {
    Canvas canvas(page);
    // The paper may be another than the template's; the drawing is fitted into its middle.
    const double width = page.width / page.dpi * 25.4;
    const double height = page.height / page.dpi * 25.4;
    const double fit = std::min(width / sheet.width, height / sheet.height);
    const Pen pen{.ink = 30 + dice.below(40), .sloppiness = 0.1};
    std::vector<std::string> values;
    for (const Field& field : sheet.fields) {
        const Bubble& bubble = field.bubbles.at(
            static_cast<std::size_t>(dice.below(static_cast<int>(field.bubbles.size()))));
        drawMark(canvas,
                 {.x = (width - sheet.width * fit) / 2 + bubble.centre.x * fit,
                  .y = (height - sheet.height * fit) / 2 + bubble.centre.y * fit},
                 std::min(field.half_width, field.half_height) * fit, MarkKind::full, pen, dice);
        values.push_back(bubble.value);
    }
    std::vector<std::string> columns;
    for (const OutputColumn& column : sheet.output) {
        columns.emplace_back();
        for (const std::size_t field : column.fields) columns.back() += values[field];
    }
    return columns;
}

GreyImage scanned(const GreyImage& page, Dice& dice) {
    return scan(page,
                {.turn_degrees = dice.between(-1.5, 1.5),
                 .scale = dice.between(0.99, 1.01),
                 .shift_mm = {dice.between(-1, 1), dice.between(-1, 1)},
                 .shade = dice.between(0, 0.15),
                 .blur = dice.between(0.3, 0.7),
                 .noise = dice.between(1, 6)},
                dice);
}

GreyImage photographed(const GreyImage& page, Dice& dice) {
    const double width = page.width;
    const double height = page.height;
    const double border = 0.06 * width;
    GreyImage photo = page;
    photo.width = static_cast<int>(width + 2 * border);
    photo.height = static_cast<int>(height + 2 * border);
    photo.pixels.assign(
        static_cast<std::size_t>(photo.width) * static_cast<std::size_t>(photo.height), 0);
    // Each corner lies up to 3 % of the width away from where a scanner would see it.
    const auto corner = [&](double x, double y) {
        return PointPair{.from = {.x = border + x + dice.between(-0.03, 0.03) * width,
                                  .y = border + y + dice.between(-0.03, 0.03) * width},
                         .to = {.x = x, .y = y}};
    };
    const std::array corners{corner(0, 0), corner(width, 0), corner(width, height),
                             corner(0, height)};
    const Homography flat = Homography::fit(corners).value();
    // Paper that was folded bends by up to 1 % of its height.
    const double bend = dice.between(-0.01, 0.01) * height;
    const double shadow_at = dice.between(0.2, 0.8) * width;
    const double shadow = dice.between(0.15, 0.4);
    const int desk = 60 + dice.below(60);
    for (int y = 0; y < photo.height; ++y) {
        for (int x = 0; x < photo.width; ++x) {
            Point at = flat({.x = static_cast<double>(x), .y = static_cast<double>(y)});
            at.y += bend * std::sin(std::numbers::pi * at.x / width);
            const bool on_page = at.x >= 0 && at.y >= 0 && at.x < width - 1 && at.y < height - 1;
            double value = on_page ? brightnessAt(page, at) : desk;
            // A soft edge, 10 % of the width.
            const double dark = std::clamp((x - shadow_at) / (0.1 * width), 0.0, 1.0);
            const double off_x = x / width - 0.5;
            const double off_y = y / height - 0.5;
            value *= (1 - shadow * dark) * (1 - 0.3 * (off_x * off_x + off_y * off_y));
            value += 3 * dice.normal();
            photo.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(photo.width) +
                         static_cast<std::size_t>(x)] =
                static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
        }
    }
    return photo;
}

GreyImage faxed(const GreyImage& page) {
    GreyImage fax = page;
    for (auto& pixel : fax.pixels) pixel = pixel < 175 ? 0 : 255;
    return fax;
}

}  // namespace sheafline::test
