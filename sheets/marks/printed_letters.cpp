#include "printed_letters.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace sheafline::sheets {

namespace {

constexpr float kPrintSpread = 0.06F;  // between the fullest letter and the thinnest
constexpr std::size_t kFewest = 3;     // empty bubbles that make a picture of their letter

// Bubbles of one size and value look alike.
using Likeness = std::pair<std::pair<double, double>, std::string_view>;

float quantile(std::vector<float> values, double share) {
    const auto at = values.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, at);
    return *at;
}

std::vector<float> meanPicture(const BubbleViews& views, const std::vector<std::size_t>& which) {
    std::vector<float> sum(probePoints().offsets.size(), 0);
    for (const std::size_t bubble : which) {
        const auto picture = views.picture(bubble);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += picture[i];
    }
    for (float& value : sum) value /= static_cast<float>(which.size());
    return sum;
}

}  // namespace

void subtractPrint(BubbleViews& views, const Template& sheet) {
    if (views.bubbles.empty()) return;
    std::vector<float> fills;
    for (const BubbleView& view : views.bubbles) fills.push_back(view.raw_fill);
    // Even where every question is answered, a quarter of the bubbles is empty.
    const float empty = std::min(quantile(fills, 0.25), 0.2F) + kPrintSpread;
    std::map<Likeness, std::vector<std::size_t>> groups;
    std::vector<std::size_t> all_empty;
    for (std::size_t i = 0; i < views.bubbles.size(); ++i) {
        const BubbleView& view = views.bubbles[i];
        const Field& field = sheet.fields[view.field];
        groups[{{field.half_width, field.half_height}, field.bubbles[view.bubble].value}].push_back(
            i);
        if (view.raw_fill < empty) all_empty.push_back(i);
    }
    const std::vector<float> any_letter = meanPicture(views, all_empty);
    for (const auto& [likeness, group] : groups) {
        std::vector<std::size_t> members;
        for (const std::size_t bubble : group) {
            if (views.bubbles[bubble].raw_fill < empty) members.push_back(bubble);
        }
        const std::vector<float> print =
            members.size() < kFewest ? any_letter : meanPicture(views, members);
        for (const std::size_t bubble : group) {
            const auto picture = views.picture(bubble);
            for (std::size_t i = 0; i < print.size(); ++i) picture[i] -= print[i];
        }
    }
}

}  // namespace sheafline::sheets
