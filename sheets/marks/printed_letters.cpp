#include "marks/printed_letters.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

namespace sheafline::sheets {

namespace {

constexpr float kLikeness = 0.06F;  // between empty bubbles of one letter
constexpr float kLetters = 0.2F;    // between the fullest letter and the thinnest
constexpr std::size_t kFewest = 3;  // empty bubbles that make a picture of their letter
constexpr double kQuarter = 0.25;   // of the bubbles is empty where anything is

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
    std::map<Likeness, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < views.bubbles.size(); ++i) {
        const BubbleView& view = views.bubbles[i];
        const Field& field = sheet.fields[view.field];
        fills.push_back(view.raw_fill);
        groups[{{field.half_width, field.half_height}, field.bubbles[view.bubble].value}].push_back(
            i);
    }
    // The emptiest of some bubbles, and those like them.
    const auto emptyOf = [&](const std::vector<std::size_t>& group, float emptiest) {
        std::vector<std::size_t> members;
        for (const std::size_t bubble : group) {
            if (views.bubbles[bubble].raw_fill < emptiest + kLikeness) members.push_back(bubble);
        }
        return members;
    };
    std::vector<std::size_t> all(views.bubbles.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const float empty = quantile(fills, kQuarter);
    const std::vector<float> any_letter = meanPicture(views, emptyOf(all, empty));
    for (const auto& [likeness, group] : groups) {
        std::vector<float> group_fills;
        for (const std::size_t bubble : group)
            group_fills.push_back(views.bubbles[bubble].raw_fill);
        const float group_empty = quantile(group_fills, kQuarter);
        const auto members = emptyOf(group, group_empty);
        // A letter that is far darker than others was marked wherever it stands.
        const bool known = members.size() >= kFewest && group_empty < empty + kLetters;
        const std::vector<float> print = known ? meanPicture(views, members) : any_letter;
        // Over print, a pen can only darken what is left of the paper.
        std::vector<float> scale(print.size());
        for (std::size_t i = 0; i < print.size(); ++i) scale[i] = 1 / std::max(1 - print[i], 0.35F);
        for (const std::size_t bubble : group) {
            const auto picture = views.picture(bubble);
            for (std::size_t i = 0; i < print.size(); ++i)
                picture[i] = (picture[i] - print[i]) * scale[i];
        }
    }
}

}  // namespace sheafline::sheets
