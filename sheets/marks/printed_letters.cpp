#include "marks/printed_letters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "geometry/quantile.h"

namespace sheafline::sheets {

namespace {

constexpr float kLikeness = 0.06F;  // between empty bubbles of one value
constexpr float kAroundLikeness = 0.08F;
constexpr float kLetters = 0.2F;    // between the fullest letter and the typical one of its block
constexpr std::size_t kFewest = 3;  // empty bubbles that make a picture of their value
constexpr double kQuarter = 0.25;   // of the bubbles is empty where anything is
constexpr float kMostSlack = 0.3F;  // a firm mark is darker, whatever is printed
constexpr float kMostSlackOfFew = 0.14F;
constexpr std::size_t kMany = 8;
constexpr float kDeviations = 2;  // of the print from its mean, which are no pen's

using Group = std::vector<std::size_t>;

// What is printed at each point, and how much it differs between bubbles.
struct Print {
    std::vector<float> mean{};
    std::vector<float> slack{};
};

template <typename PictureOf>
Print printOf(const Group& members, std::size_t points, const PictureOf& picture_of) {
    Print print{.mean = std::vector<float>(points, 0), .slack = std::vector<float>(points, 0)};
    for (const std::size_t bubble : members) {
        // Plain pointers, as in BubbleSampler.
        const float* picture = picture_of(bubble).data();
        float* mean = print.mean.data();
        float* square = print.slack.data();
        for (std::size_t i = 0; i < points; ++i) {
            mean[i] += picture[i];
            square[i] += picture[i] * picture[i];
        }
    }
    const auto count = static_cast<float>(members.size());
    for (std::size_t i = 0; i < points; ++i) {
        print.mean[i] /= count;
        print.slack[i] =
            std::sqrt(std::max(0.0F, print.slack[i] / count - print.mean[i] * print.mean[i]));
    }
    // Noise is the same everywhere, and belongs to the scale of the sheet.
    const float noise = quantile(print.slack, 0.5);
    // Few bubbles say less of how much print differs.
    const float deviations = kDeviations * (1 + 1.5F / count);
    const float most_slack = members.size() < kMany ? kMostSlackOfFew : kMostSlack;
    for (float& slack : print.slack)
        slack = std::min(most_slack, deviations * std::max(0.0F, slack - 1.5F * noise));
    return print;
}

// Over print, a pen can only darken what is left of the paper.
std::vector<float> scaleOver(const Print& print) {
    std::vector<float> scale(print.mean.size());
    for (std::size_t i = 0; i < scale.size(); ++i)
        scale[i] = 1 / std::max(1 - print.mean[i], 0.35F);
    return scale;
}

void subtract(std::span<float> picture, const Print& print, const std::vector<float>& scale) {
    float* value = picture.data();
    const float* mean = print.mean.data();
    const float* slack = print.slack.data();
    const float* factor = scale.data();
    for (std::size_t i = 0; i < picture.size(); ++i) {
        const float over = value[i] - mean[i];
        // Brighter than print is kept, darker counts beyond the slack.
        const float beyond = std::max(over - slack[i], std::min(over, 0.0F));
        value[i] = beyond * factor[i];
    }
}

bool haveSameBubbles(const Field& a, const Field& b) {
    return a.half_width == b.half_width && a.half_height == b.half_height &&
           std::ranges::equal(a.bubbles, b.bubbles, {}, &Bubble::value, &Bubble::value);
}

class PrintRemover {
 public:
    PrintRemover(BubbleViews& views, const Template& sheet) : views_(views), sheet_(sheet) {}

    void run() {
        std::map<std::size_t, Group> kinds;  // by the first field that has the same bubbles
        std::vector<std::size_t> firsts;
        for (std::size_t f = 0; f < sheet_.fields.size(); ++f) {
            std::size_t first = f;
            for (const std::size_t earlier : firsts) {
                if (!haveSameBubbles(sheet_.fields[earlier], sheet_.fields[f])) continue;
                first = earlier;
                break;
            }
            firsts.push_back(first);
        }
        for (std::size_t i = 0; i < views_.bubbles.size(); ++i)
            kinds[firsts[views_.bubbles[i].field]].push_back(i);
        for (const auto& [first, bubbles] : kinds) removeFrom(bubbles);
    }

 private:
    float fillOf(std::size_t bubble) const { return views_.bubbles[bubble].raw_fill; }
    float aroundOf(std::size_t bubble) const { return views_.bubbles[bubble].raw_surround; }

    template <typename ValueOf>
    static float quantileOf(const Group& group, double share, const ValueOf& value_of) {
        std::vector<float> values;
        values.reserve(group.size());
        for (const std::size_t bubble : group) values.push_back(value_of(bubble));
        return quantile(std::move(values), share);
    }

    // The emptiest of some bubbles, and those like them; without those that a pen circled.
    Group emptyOf(const Group& group, float likeness) const {
        const auto fill = [this](std::size_t bubble) { return fillOf(bubble); };
        const auto around = [this](std::size_t bubble) { return aroundOf(bubble); };
        const float most_fill = quantileOf(group, kQuarter, fill) + likeness;
        const float most_around = quantileOf(group, 0.5, around) + kAroundLikeness;
        Group empty;
        Group members;
        for (const std::size_t bubble : group) {
            if (fillOf(bubble) >= most_fill) continue;
            empty.push_back(bubble);
            if (aroundOf(bubble) < most_around) members.push_back(bubble);
        }
        return members.size() < kFewest ? empty : members;
    }

    void removeFrom(const Group& kind) {
        std::map<std::size_t, Group> values;  // by place in the field
        for (const std::size_t bubble : kind)
            values[views_.bubbles[bubble].bubble].push_back(bubble);
        const auto fill = [this](std::size_t bubble) { return fillOf(bubble); };
        std::vector<float> emptiest;
        emptiest.reserve(values.size());
        for (const auto& [value, group] : values)
            emptiest.push_back(quantileOf(group, kQuarter, fill));
        const float typical = quantile(emptiest, 0.5);
        Group unknown;
        for (const auto& [value, group] : values) {
            const Group members = emptyOf(group, kLikeness);
            // A letter that is far darker than others was marked wherever it is printed.
            const bool known =
                members.size() >= kFewest && quantileOf(members, 0.5, fill) < typical + kLetters;
            if (known)
                remove(group, members);
            else
                unknown.insert(unknown.end(), group.begin(), group.end());
        }
        if (unknown.empty()) return;
        // Other letters of the same fields tell how much is printed, but not where.
        Group members = emptyOf(kind, kLetters);
        if (members.empty()) members = kind;
        for (const std::size_t bubble : unknown) views_.bubbles[bubble].print_known = false;
        remove(unknown, members);
    }

    void remove(const Group& group, const Group& members) {
        const Print inside = printOf(members, probePoints().offsets.size(),
                                     [this](std::size_t bubble) { return views_.picture(bubble); });
        const Print around = printOf(members, kSurroundPoints,
                                     [this](std::size_t bubble) { return views_.around(bubble); });
        const std::vector<float> inside_scale = scaleOver(inside);
        const std::vector<float> around_scale = scaleOver(around);
        for (const std::size_t bubble : group) {
            subtract(views_.picture(bubble), inside, inside_scale);
            subtract(views_.around(bubble), around, around_scale);
        }
    }

    BubbleViews& views_;
    const Template& sheet_;
};

}  // namespace

void subtractPrint(BubbleViews& views, const Template& sheet) { PrintRemover(views, sheet).run(); }

}  // namespace sheafline::sheets
