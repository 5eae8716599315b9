#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <utility>

#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

namespace {

constexpr std::size_t kFewestCodes = 5;
// What a region may be larger than the code itself, on each side: a shifted or turned page.
constexpr double kRegionMargin = 0.35;
constexpr double kLargestSide = 0.5;

// Left, top, right and bottom of a code, in shares of the page.
struct Edges {
    std::vector<double> left, top, right, bottom;

    void add(const FoundCode& code) {
        const auto [low_x, high_x] =
            std::ranges::minmax(code.corners, {}, [](const auto& corner) { return corner[0]; });
        const auto [low_y, high_y] =
            std::ranges::minmax(code.corners, {}, [](const auto& corner) { return corner[1]; });
        left.push_back(low_x[0]);
        right.push_back(high_x[0]);
        top.push_back(low_y[1]);
        bottom.push_back(high_y[1]);
    }
};

// The value that this share of the values does not exceed.
double nearestQuantile(std::vector<double> values, double share) {
    const auto place = values.begin() + std::lround(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

}  // namespace

std::optional<CodeRegion> learnRegion(std::span<const FoundCode> codes) {
    std::map<std::pair<int, bool>, Edges> by_direction;
    for (const auto& code : codes) {
        by_direction[{code.quarter_turns, code.landscape}].add(code);
    }
    const auto usual = std::ranges::max_element(
        by_direction, {}, [](const auto& item) { return item.second.left.size(); });
    if (usual == by_direction.end() || usual->second.left.size() < kFewestCodes)
        return std::nullopt;

    // A tenth on each side may be strays: a code of another kind, a page turned by chance.
    const Edges& edges = usual->second;
    const double left = nearestQuantile(edges.left, 0.1);
    const double top = nearestQuantile(edges.top, 0.1);
    const double right = nearestQuantile(edges.right, 0.9);
    const double bottom = nearestQuantile(edges.bottom, 0.9);
    const double room_x =
        kRegionMargin * (nearestQuantile(edges.right, 0.5) - nearestQuantile(edges.left, 0.5));
    const double room_y =
        kRegionMargin * (nearestQuantile(edges.bottom, 0.5) - nearestQuantile(edges.top, 0.5));
    const double low_x = std::max(0.0, left - room_x);
    const double low_y = std::max(0.0, top - room_y);
    CodeRegion region{.box = {.x = low_x,
                              .y = low_y,
                              .width = std::min(1.0, right + room_x) - low_x,
                              .height = std::min(1.0, bottom + room_y) - low_y},
                      .quarter_turns = usual->first.first,
                      .landscape = usual->first.second};
    if (region.box.width > kLargestSide || region.box.height > kLargestSide) return std::nullopt;
    return region;
}

// Of a form of several pages, the box around the codes of all of them.
std::optional<CodeRegion> regionOfForm(const Template& form) {
    std::optional<CodeRegion> all;
    for (const Template& page : form.pages) {
        const auto region = regionOf(page);
        if (!region || (all && region->landscape != all->landscape)) return std::nullopt;
        if (!all) all = region;
        const double right =
            std::max(all->box.x + all->box.width, region->box.x + region->box.width);
        const double bottom =
            std::max(all->box.y + all->box.height, region->box.y + region->box.height);
        all->box.x = std::min(all->box.x, region->box.x);
        all->box.y = std::min(all->box.y, region->box.y);
        all->box.width = right - all->box.x;
        all->box.height = bottom - all->box.y;
    }
    return all;
}

std::optional<CodeRegion> regionOf(const Template& sheet) {
    if (!sheet.pages.empty()) return regionOfForm(sheet);
    if (!sheet.qr || sheet.align.by == AlignBy::page) return std::nullopt;
    const double room = kRegionMargin * sheet.qr->side;
    const auto share = [](double place, double length) {
        return std::clamp(place / length, 0.0, 1.0);
    };
    const double left = share(sheet.qr->x - room, sheet.width);
    const double top = share(sheet.qr->y - room, sheet.height);
    return CodeRegion{
        .box = {.x = left,
                .y = top,
                .width = share(sheet.qr->x + sheet.qr->side + room, sheet.width) - left,
                .height = share(sheet.qr->y + sheet.qr->side + room, sheet.height) - top},
        .landscape = sheet.width > sheet.height};
}

std::string toString(const CodeRegion& region) {
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "%.4f,%.4f,%.4f,%.4f,%d%s", region.box.x, region.box.y,
                  region.box.width, region.box.height, region.quarter_turns,
                  region.landscape ? ",landscape" : "");
    return text.data();
}

CodeRegion parseRegion(std::string_view text) {
    const auto reject = [] {
        throw std::invalid_argument(
            "a region is x,y,width,height as shares of the page, such as 0.75,0.05,0.2,0.15");
    };
    std::vector<std::string> fields(1);
    for (const char letter : text) {
        if (letter == ',') {
            fields.emplace_back();
        } else if (letter != ' ') {
            fields.back() += letter;
        }
    }
    CodeRegion region;
    if (fields.size() == 6 && fields.back() == "landscape") {
        region.landscape = true;
        fields.pop_back();
    }
    if (fields.size() < 4 || fields.size() > 5) reject();
    std::vector<double> numbers;
    for (const auto& field : fields) {
        double number = 0;
        const char* const end = field.data() + field.size();
        const auto [rest, error] = std::from_chars(field.data(), end, number);
        if (error != std::errc() || rest != end) reject();
        numbers.push_back(number);
    }
    region.box = {.x = numbers[0], .y = numbers[1], .width = numbers[2], .height = numbers[3]};
    if (numbers.size() == 5) region.quarter_turns = static_cast<int>(numbers[4]);
    const auto& box = region.box;
    // Rounding of a learned region may reach a little beyond the page.
    constexpr double kEdge = 1.001;
    const bool inside = box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0 &&
                        box.x + box.width <= kEdge && box.y + box.height <= kEdge;
    if (!inside || region.quarter_turns < 0 || region.quarter_turns > 3) reject();
    return region;
}

}  // namespace sheafline::sheets
