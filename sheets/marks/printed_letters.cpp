#include "marks/printed_letters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "geometry/quantile.h"
#include "marks/learned_print.h"
#include "marks/surround.h"

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

using Group = std::vector<std::size_t>;

// Over print, a pen can only darken what is left of the paper.
std::vector<float> scaleOver(const LearnedPrint& print) {
    std::vector<float> scale(print.mean.size());
    for (std::size_t i = 0; i < scale.size(); ++i)
        scale[i] = 1 / std::max(1 - print.mean[i], 0.35F);
    return scale;
}

void subtract(std::span<float> picture, const LearnedPrint& print,
              const std::vector<float>& allowed, const std::vector<float>& scale) {
    float* value = picture.data();
    const float* mean = print.mean.data();
    const float* slack = allowed.data();
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

    // The emptiest of some bubbles, and those like them; without those that a pen circled. These
    // are left out first: beside a circle the paper looks darker, and the bubble emptier.
    Group emptyOf(const Group& group, float likeness) const {
        const auto fill = [this](std::size_t bubble) { return fillOf(bubble); };
        const auto around = [this](std::size_t bubble) { return aroundOf(bubble); };
        const float most_around = quantileOf(group, kQuarter, around) + kAroundLikeness;
        Group plain;
        for (const std::size_t bubble : group)
            if (aroundOf(bubble) < most_around) plain.push_back(bubble);
        const float most_fill = quantileOf(plain, kQuarter, fill) + likeness;
        std::erase_if(plain, [&](std::size_t bubble) { return fillOf(bubble) >= most_fill; });
        return plain;
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
        // What is printed is learned from all groups before it is removed from any.
        std::vector<Removal> removals;
        Removal unknown;
        for (const auto& [value, group] : values) {
            Removal removal{.group = group, .members = emptyOf(group, kLikeness)};
            // A letter that is far darker than others was marked wherever it is printed.
            const bool known = removal.members.size() >= kFewest &&
                               quantileOf(removal.members, 0.5, fill) < typical + kLetters;
            if (known)
                removals.push_back(std::move(removal));
            else
                unknown.group.insert(unknown.group.end(), group.begin(), group.end());
        }
        if (!unknown.group.empty()) {
            // Other letters of the same fields tell how much is printed, but not where.
            unknown.members = emptyOf(kind, kLetters);
            if (unknown.members.empty()) unknown.members = kind;
            for (const std::size_t bubble : unknown.group)
                views_.bubbles[bubble].print_known = false;
            removals.push_back(std::move(unknown));
        }
        for (Removal& removal : removals) learn(removal);
        std::vector<LearnedPrint> around;
        around.reserve(removals.size());
        for (Removal& removal : removals) around.push_back(std::move(removal.around));
        const std::vector<float> around_slack = learnSurround(around);
        for (std::size_t i = 0; i < removals.size(); ++i) {
            remove(removals[i]);
            removeAround(removals[i].group, around[i], around_slack);
        }
    }

    struct Removal {
        Group group{};    // the bubbles from which it is removed
        Group members{};  // those that it is learned from
        LearnedPrint inside{};
        LearnedPrint around{};
    };

    void learn(Removal& removal) const {
        std::vector<std::span<const float>> insides;
        std::vector<std::span<const float>> surrounds;
        for (const std::size_t bubble : removal.members) {
            insides.push_back(std::as_const(views_).picture(bubble));
            surrounds.push_back(std::as_const(views_).around(bubble));
        }
        removal.inside = learnPrint(insides);
        removal.around = learnPrint(surrounds);
    }

    void remove(const Removal& removal) {
        const float most_slack = removal.inside.count < kMany ? kMostSlackOfFew : kMostSlack;
        const std::vector<float> slack = removal.inside.slack(most_slack);
        const std::vector<float> scale = scaleOver(removal.inside);
        for (const std::size_t bubble : removal.group)
            subtract(views_.picture(bubble), removal.inside, slack, scale);
    }

    void removeAround(const Group& group, const LearnedPrint& print,
                      const std::vector<float>& slack) {
        // A pen on a printed outline shows little, so it proves little.
        static const std::vector<float> kPlain(kSurroundPoints, 1);
        for (const std::size_t bubble : group)
            subtract(views_.around(bubble), print, slack, kPlain);
    }

    BubbleViews& views_;
    const Template& sheet_;
};

}  // namespace

void subtractPrint(BubbleViews& views, const Template& sheet) { PrintRemover(views, sheet).run(); }

}  // namespace sheafline::sheets
