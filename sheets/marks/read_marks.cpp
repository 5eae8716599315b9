#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include <sheafline/sheets/read_marks.h>

#include "bubble_probe.h"
#include "judge_field.h"
#include "printed_letters.h"

namespace sheafline::sheets {

namespace {

// The mean of the darkest tenth, by counting: sorting every bubble would cost more than all else.
double darkestTenth(std::span<const float> picture) {
    constexpr float kSteps = 256;
    std::array<std::uint8_t, 257> counts{};
    int darkest = 0;
    for (const float darkness : picture) {
        const int step = static_cast<int>(std::clamp(darkness, 0.0F, 1.0F) * kSteps);
        ++counts[static_cast<std::size_t>(step)];
        darkest = std::max(darkest, step);
    }
    const int wanted = static_cast<int>(picture.size() / 10);
    int left = wanted;
    int sum = 0;
    for (int step = darkest; left > 0; --step) {
        const int taken = std::min<int>(left, counts[static_cast<std::size_t>(step)]);
        sum += taken * step;
        left -= taken;
    }
    return static_cast<double>(sum) / (wanted * static_cast<double>(kSteps));
}

Trace traceOf(std::span<const float> picture) {
    const auto inner = picture.first(probePoints().inner);
    const float sum = std::accumulate(inner.begin(), inner.end(), 0.0F);
    return {.fill = static_cast<double>(sum) / static_cast<double>(inner.size()),
            .ink = darkestTenth(picture)};
}

}  // namespace

std::string_view toString(FieldFlag flag) {
    switch (flag) {
        case FieldFlag::ok:
            return "ok";
        case FieldFlag::blank:
            return "blank";
        case FieldFlag::multiple:
            return "multiple";
        case FieldFlag::faint:
            return "faint";
        case FieldFlag::erased:
            return "erased";
        case FieldFlag::unreadable:
            return "unreadable";
    }
    return "";
}

std::vector<FieldReading> readMarks(const GreyImage& image, const Homography& map,
                                    const Template& sheet) {
    BubbleViews views = viewBubbles(image, map, sheet);
    subtractPrint(views, sheet);
    std::vector<std::vector<Trace>> traces(sheet.fields.size());
    for (std::size_t i = 0; i < views.bubbles.size(); ++i)
        traces[views.bubbles[i].field].push_back(traceOf(std::as_const(views).picture(i)));
    const JudgeScale scale = scaleOf(traces, sheet.thresholds);
    std::vector<FieldReading> readings;
    for (std::size_t i = 0; i < sheet.fields.size(); ++i)
        readings.push_back(judgeField(sheet.fields[i], traces[i], scale));
    return readings;
}

}  // namespace sheafline::sheets
