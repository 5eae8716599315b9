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

std::vector<float> meanPicture(const std::vector<const BubbleView*>& views) {
    std::vector<float> sum(probePoints().offsets.size(), 0);
    for (const BubbleView* view : views) {
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += view->darkness[i];
    }
    for (float& value : sum) value /= static_cast<float>(views.size());
    return sum;
}

}  // namespace

void subtractPrint(std::vector<BubbleView>& views, const Template& sheet) {
    if (views.empty()) return;
    std::vector<float> fills;
    for (const BubbleView& view : views) fills.push_back(view.raw_fill);
    // Even where every question is answered, a quarter of the bubbles is empty.
    const float empty = std::min(quantile(fills, 0.25), 0.2F);
    std::map<Likeness, std::vector<BubbleView*>> groups;
    for (BubbleView& view : views) {
        const Field& field = sheet.fields[view.field];
        groups[{{field.half_width, field.half_height}, field.bubbles[view.bubble].value}].push_back(
            &view);
    }
    std::vector<const BubbleView*> all_empty;
    for (const BubbleView& view : views) {
        if (view.raw_fill < empty + kPrintSpread) all_empty.push_back(&view);
    }
    const std::vector<float> any_letter = meanPicture(all_empty);
    for (auto& [likeness, group] : groups) {
        std::vector<const BubbleView*> members;
        for (const BubbleView* view : group) {
            if (view->raw_fill < empty + kPrintSpread) members.push_back(view);
        }
        const std::vector<float> print =
            members.size() < kFewest ? any_letter : meanPicture(members);
        for (BubbleView* view : group) {
            for (std::size_t i = 0; i < print.size(); ++i) view->darkness[i] -= print[i];
        }
    }
}

}  // namespace sheafline::sheets
