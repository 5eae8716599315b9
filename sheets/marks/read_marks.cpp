#include <algorithm>
#include <functional>

#include <sheafline/sheets/read_marks.h>

#include "bubble_probe.h"
#include "judge_field.h"
#include "printed_letters.h"

namespace sheafline::sheets {

namespace {

Trace traceOf(const BubbleView& view, std::vector<float>& scratch) {
    const ProbePoints& points = probePoints();
    double sum = 0;
    for (std::size_t i = 0; i < points.inner; ++i) sum += static_cast<double>(view.darkness[i]);
    scratch.assign(view.darkness.begin(), view.darkness.end());
    const auto tenth = scratch.begin() + static_cast<std::ptrdiff_t>(scratch.size() / 10);
    std::nth_element(scratch.begin(), tenth, scratch.end(), std::greater<>());
    double ink = 0;
    for (auto it = scratch.begin(); it != tenth; ++it) ink += static_cast<double>(*it);
    return {.fill = sum / static_cast<double>(points.inner),
            .ink = ink / static_cast<double>(tenth - scratch.begin())};
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
    std::vector<BubbleView> views = viewBubbles(image, map, sheet);
    subtractPrint(views, sheet);
    std::vector<Trace> all;
    std::vector<float> scratch;
    for (const BubbleView& view : views) all.push_back(traceOf(view, scratch));
    const JudgeScale scale = scaleOf(all, sheet.thresholds);
    std::vector<FieldReading> readings;
    auto next = all.begin();
    for (const Field& field : sheet.fields) {
        const auto end = next + static_cast<std::ptrdiff_t>(field.bubbles.size());
        readings.push_back(judgeField(field, {next, end}, scale));
        next = end;
    }
    return readings;
}

}  // namespace sheafline::sheets
