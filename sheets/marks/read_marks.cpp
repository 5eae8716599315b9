#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include <sheafline/sheets/read_marks.h>

#include "geometry/bubble_sampler.h"
#include "marks/bubble_probe.h"
#include "marks/judge_field.h"
#include "marks/printed_letters.h"
#include "marks/surround.h"

namespace sheafline::sheets {

namespace {

using Steps = std::array<std::uint8_t, BubbleOffsets::kMostPoints>;  // darkness; 0 where none is

// In bytes, of which a processor compares many at once.
int countFrom(const Steps& steps, std::uint8_t least) {
    std::uint8_t count = 0;
    for (const std::uint8_t step : steps)
        count = static_cast<std::uint8_t>(count + (step >= least ? 1 : 0));
    return count;
}

// The mean of the darkest tenth, by halving: sorting every bubble would cost more than all else.
double darkestTenth(std::span<const float> picture) {
    constexpr float kSteps = 256;
    Steps steps{};
    // Without the checks of operator[], so that a processor does several at once.
    std::transform(picture.begin(), picture.end(), steps.data(), [](float darkness) {
        return static_cast<std::uint8_t>(
            static_cast<std::int32_t>(std::clamp(darkness * kSteps, 0.0F, kSteps - 1)));
    });
    const int wanted = static_cast<int>(picture.size() / 10);
    std::uint8_t least = 0;  // as dark as that are `wanted` points or more
    for (unsigned bit = 128; bit > 0; bit /= 2) {
        const auto higher = static_cast<std::uint8_t>(least | bit);
        if (countFrom(steps, higher) >= wanted) least = higher;
    }
    int sum = wanted * least;
    for (const std::uint8_t step : steps) sum += std::max(step, least) - least;
    return static_cast<double>(sum) / (wanted * static_cast<double>(kSteps));
}

Trace traceOf(std::span<const float> picture) {
    const auto inner = picture.first(probePoints().inner);
    const auto core = picture.first(probePoints().core);
    return {.fill = static_cast<double>(sumOf(inner)) / static_cast<double>(inner.size()),
            .ink = darkestTenth(picture),
            .core = static_cast<double>(sumOf(core)) / static_cast<double>(core.size())};
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
        case FieldFlag::circled:
            return "circled";
        case FieldFlag::unreadable:
            return "unreadable";
    }
    return "";
}

std::vector<FieldReading> readMarks(const GreyImage& image, const SheetAlignment& page,
                                    const Template& sheet) {
    BubbleViews views = viewBubbles(image, page, sheet);
    subtractPrint(views, sheet);
    std::vector<std::vector<Trace>> traces(sheet.fields.size());
    for (std::size_t i = 0; i < views.bubbles.size(); ++i) {
        const BubbleView& view = views.bubbles[i];
        Trace trace = traceOf(std::as_const(views).picture(i));
        const auto around = std::as_const(views).around(i);
        const BubbleShape shape = sheet.fields[view.field].shape;
        const bool has_corners = shape == BubbleShape::square || shape == BubbleShape::bracket;
        trace.around = has_corners ? shareAroundSquare(around) : shareAround(around);
        trace.print_known = view.print_known;
        traces[view.field].push_back(trace);
    }
    JudgeScale scale = scaleOf(traces, sheet.thresholds);
    scale.filled_cancels = sheet.filled_cancels;
    std::vector<FieldReading> readings;
    for (std::size_t i = 0; i < sheet.fields.size(); ++i)
        readings.push_back(judgeField(sheet.fields[i], traces[i], scale));
    return readings;
}

}  // namespace sheafline::sheets
