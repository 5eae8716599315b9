#include "sample/sample_sheet.h"

#include <algorithm>
#include <array>

#include <sheafline/sheets/encode_image.h>

#include "sample/scan.h"

namespace sheafline::sheets {

namespace {

struct Range {
    double low;
    double high;

    double draw(Dice& dice) const { return dice.between(low, high); }
};

// Shares of the questions; the rest is filled firmly.
struct MarkShares {
    double blank = 0;
    double twice = 0;
    double erased = 0;
    double faint = 0;
    double light = 0;
    double tick = 0;
    double cross = 0;
    double dot = 0;
};

struct Traits {
    MarkShares marks;
    double light_digits;
    Range turn_degrees;
    Range shift_mm;
    Range scale;
    Range corner_mm;
    Range shade;
    Range blur_mm;
    double out_of_focus;  // share of pages
    Range focus_blur_mm;  // of those
    Range noise;
    Range jpeg_quality;
    double dark_background;
    double staple;
    double punched;
    Range pen_ink;
};

const Traits& traitsOf(SampleProfile profile) {
    static constexpr Traits kClean{.marks = {.blank = 0.01},
                                   .light_digits = 0,
                                   .turn_degrees = {-0.2, 0.2},
                                   .shift_mm = {-0.3, 0.3},
                                   .scale = {1, 1},
                                   .corner_mm = {0, 0},
                                   .shade = {0, 0.01},
                                   .blur_mm = {0, 0},
                                   .out_of_focus = 0,
                                   .focus_blur_mm = {0, 0},
                                   .noise = {1, 1.6},
                                   .jpeg_quality = {80, 86},
                                   .dark_background = 0,
                                   .staple = 0,
                                   .punched = 0,
                                   .pen_ink = {20, 55}};
    static constexpr Traits kTypical{.marks = {.blank = 0.015,
                                               .twice = 0.003,
                                               .erased = 0.005,
                                               .faint = 0.004,
                                               .light = 0.06,
                                               .tick = 0.008,
                                               .cross = 0.01,
                                               .dot = 0.005},
                                     .light_digits = 0.02,
                                     .turn_degrees = {-1.2, 1.2},
                                     .shift_mm = {-1.5, 1.5},
                                     .scale = {0.99, 1.002},
                                     .corner_mm = {-0.1, 0.1},
                                     .shade = {0, 0.08},
                                     .blur_mm = {0.05, 0.1},
                                     .out_of_focus = 0,
                                     .focus_blur_mm = {0, 0},
                                     .noise = {2, 4},
                                     .jpeg_quality = {70, 82},
                                     .dark_background = 0.02,
                                     .staple = 0.2,
                                     .punched = 0.15,
                                     .pen_ink = {20, 75}};
    static constexpr Traits kHard{.marks = {.blank = 0.04,
                                            .twice = 0.015,
                                            .erased = 0.035,
                                            .faint = 0.03,
                                            .light = 0.17,
                                            .tick = 0.06,
                                            .cross = 0.05,
                                            .dot = 0.04},
                                  .light_digits = 0.1,
                                  .turn_degrees = {-2.5, 2.5},
                                  .shift_mm = {-1.5, 1.5},
                                  .scale = {0.975, 0.995},
                                  .corner_mm = {-1, 1},
                                  .shade = {0.05, 0.3},
                                  .blur_mm = {0.13, 0.27},
                                  .out_of_focus = 0.05,
                                  .focus_blur_mm = {0.3, 0.4},
                                  .noise = {5, 13},
                                  .jpeg_quality = {40, 65},
                                  .dark_background = 0.3,
                                  .staple = 0.6,
                                  .punched = 0.5,
                                  .pen_ink = {20, 85}};
    switch (profile) {
        case SampleProfile::clean:
            return kClean;
        case SampleProfile::typical:
            return kTypical;
        case SampleProfile::hard:
            break;
    }
    return kHard;
}

std::vector<std::string> classesOf(const SampleOptions& options) {
    if (!options.classes.empty()) return options.classes;
    constexpr int kMostClasses = 40;
    constexpr int kPupils = 25;
    const int count = std::clamp(options.sheets / kPupils, 1, kMostClasses);
    std::vector<std::string> classes;
    classes.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        classes.push_back(std::to_string(5 + i / 5) + static_cast<char>('A' + i % 5));
    }
    return classes;
}

// Seven digits, different for each sheet: the factor is a prime that does not divide the range.
std::string studentNumber(std::uint64_t seed, int index) {
    constexpr std::uint64_t kRange = 9'000'000;
    const std::uint64_t start = Dice(seed).next() % kRange;
    return std::to_string(1'000'000 + (start + static_cast<std::uint64_t>(index) * 7919) % kRange);
}

struct Answer {
    std::vector<Mark> marks{};
    std::string text{};
    std::string kind{};   // empty: filled firmly
    std::string doubt{};  // empty: none
};

Answer drawAnswer(const SampleField& field, const MarkShares& shares, Dice& dice) {
    const int count = static_cast<int>(field.values.size());
    const int value = dice.below(count);
    const int other = (value + 1 + dice.below(count - 1)) % count;
    const auto letter = [&](int i) { return field.values.substr(static_cast<std::size_t>(i), 1); };
    double roll = dice.between(0, 1);
    const auto falls = [&roll](double share) {
        roll -= share;
        return roll < 0;
    };
    if (falls(shares.blank)) return {.kind = "empty"};
    if (falls(shares.twice)) {
        return {.marks = {{.value = std::min(value, other)}, {.value = std::max(value, other)}},
                .text = letter(std::min(value, other)) + letter(std::max(value, other)),
                .kind = "double",
                .doubt = "multiple"};
    }
    if (falls(shares.erased)) {
        const Mark erased{.value = other, .kind = MarkKind::erased};
        if (dice.chance(0.15)) return {.marks = {erased}, .kind = "erased", .doubt = "erased"};
        return {.marks = {erased, {.value = value}}, .text = letter(value), .kind = "erased"};
    }
    const std::array<std::pair<MarkKind, double>, 5> kinds{{{MarkKind::faint, shares.faint},
                                                            {MarkKind::light, shares.light},
                                                            {MarkKind::tick, shares.tick},
                                                            {MarkKind::cross, shares.cross},
                                                            {MarkKind::dot, shares.dot}}};
    for (const auto& [kind, share] : kinds) {
        if (!falls(share)) continue;
        return {.marks = {{.value = value, .kind = kind}},
                .text = letter(value),
                .kind = std::string(toString(kind)),
                .doubt = kind == MarkKind::faint ? "faint" : ""};
    }
    return {.marks = {{.value = value}}, .text = letter(value)};
}

// Holes and staples are on the paper before it is scanned.
void wear(GreyImage& page, const Traits& traits, Dice& dice) {
    Canvas canvas(page);
    if (dice.chance(traits.staple)) {
        const Millimetres from{.x = dice.between(3, 6), .y = dice.between(3, 6)};
        canvas.stroke(from, {.x = from.x + dice.between(-2, 2), .y = from.y + dice.between(8, 11)},
                      0.6, 70);
    }
    if (dice.chance(traits.punched)) {
        const int ink = dice.chance(0.5) ? 45 : 225;
        for (const double y : {108.5, 188.5}) {
            canvas.disc({.x = 8 + dice.between(-1, 1), .y = y}, 2.75, ink);
        }
    }
}

ScanFlaws drawFlaws(const Traits& traits, int dpi, Dice& dice) {
    ScanFlaws flaws{.turn_degrees = traits.turn_degrees.draw(dice),
                    .scale = traits.scale.draw(dice),
                    .background = dice.chance(traits.dark_background) ? 45 : 250,
                    .shade = traits.shade.draw(dice),
                    .shade_direction = dice.between(0, 1),
                    .blur = traits.blur_mm.draw(dice) * dpi / 25.4,
                    .noise = traits.noise.draw(dice)};
    for (auto& shift : flaws.shift_mm) shift = traits.shift_mm.draw(dice);
    for (auto& pull : flaws.corner_mm) pull = traits.corner_mm.draw(dice);
    if (traits.out_of_focus > 0 && dice.chance(traits.out_of_focus))
        flaws.blur = traits.focus_blur_mm.draw(dice) * dpi / 25.4;
    return flaws;
}

std::vector<std::uint8_t> text(std::string_view content) {
    return {content.begin(), content.end()};
}

}  // namespace

std::string_view toString(SampleCase sample_case) {
    switch (sample_case) {
        case SampleCase::good:
            return "good";
        case SampleCase::no_qr:
            return "no_qr";
        case SampleCase::damaged_qr:
            return "damaged_qr";
        case SampleCase::blank_page:
            return "blank_page";
        case SampleCase::upside_down:
            return "upside_down";
        case SampleCase::sideways:
            return "sideways";
        case SampleCase::truncated:
            return "truncated";
        case SampleCase::not_an_image:
            return "not_an_image";
        case SampleCase::duplicate:
            return "duplicate";
        case SampleCase::litter:
            return "litter";
    }
    return "";
}

SampleMaker::SampleMaker(const SampleOptions& options)
    : options_(options), classes_(classesOf(options)) {
    for (int page = 1; page <= options.pages; ++page) {
        SampleLayout layout = demoLayout(page);
        GreyImage blank = drawBlankSheet(layout, options.dpi);
        pages_.push_back({.layout = std::move(layout), .blank = std::move(blank)});
    }
}

const SampleMaker::Page& SampleMaker::pageOf(int index) const {
    return pages_[static_cast<std::size_t>(index) % pages_.size()];
}

FilledSheet SampleMaker::fill(int index, SampleTruth& truth, Dice& dice) const {
    const Traits& traits = traitsOf(options_.profile);
    const std::string student = studentNumber(options_.seed, index / options_.pages);
    const std::string page = std::to_string(index % options_.pages + 1);
    const SampleLayout& layout = pageOf(index).layout;
    const auto class_index = static_cast<std::size_t>(index - index % options_.pages) *
                             classes_.size() /
                             static_cast<std::size_t>(std::max(1, options_.sheets));
    const std::string group =
        options_.exam + "-" + classes_.at(std::min(class_index, classes_.size() - 1));
    FilledSheet sheet{.code = group + "/" + page + "/" + student, .title = group};
    sheet.pen = {.ink = static_cast<int>(traits.pen_ink.draw(dice)),
                 .sloppiness = dice.between(0, 0.12)};
    truth.qr = sheet.code;
    if (!layout.student.empty()) truth.answers.emplace_back("student", student);
    for (std::size_t i = 0; i < layout.student.size(); ++i) {
        const char digit = student[i];
        const bool light = dice.chance(traits.light_digits);
        sheet.student.push_back(
            {{.value = digit - '0', .kind = light ? MarkKind::light : MarkKind::full}});
    }
    for (const auto& question : layout.questions) {
        const Answer answer = drawAnswer(question, traits.marks, dice);
        sheet.questions.push_back(answer.marks);
        truth.answers.emplace_back(question.name, answer.text);
        if (!answer.doubt.empty()) truth.doubt.emplace_back(question.name, answer.doubt);
        if (!answer.kind.empty()) truth.kinds.emplace_back(question.name, answer.kind);
    }
    return sheet;
}

GreyImage SampleMaker::photograph(GreyImage page, Dice& dice) const {
    const Traits& traits = traitsOf(options_.profile);
    wear(page, traits, dice);
    return scan(page, drawFlaws(traits, options_.dpi, dice), dice);
}

SampleEntry SampleMaker::make(int index, SampleCase sample_case, int scan_number) const {
    SampleEntry entry;
    if (sample_case == SampleCase::not_an_image) {
        return {.bytes = text("The scanner could not save this page.\n")};
    }
    if (sample_case == SampleCase::litter) return {.bytes = text("[ViewState]\nMode=\nVid=\n")};

    Dice sheet_dice(options_.seed, static_cast<std::uint64_t>(index));
    FilledSheet sheet = fill(index, entry.truth, sheet_dice);
    Dice dice(options_.seed + 1, static_cast<std::uint64_t>(scan_number));
    if (sample_case == SampleCase::no_qr) sheet.code.clear();
    sheet.spoiled = sample_case == SampleCase::damaged_qr;

    const auto& [layout, blank] = pageOf(index);
    GreyImage page = sample_case == SampleCase::blank_page
                         ? blankImage(blank.width, blank.height, options_.dpi)
                         : drawSheet(layout, blank, sheet, sheet_dice);
    page = photograph(std::move(page), dice);
    if (sample_case == SampleCase::upside_down) page = turned(page, 2);
    if (sample_case == SampleCase::sideways) page = turned(page, dice.chance(0.5) ? 1 : 3);

    const double drawn_quality = traitsOf(options_.profile).jpeg_quality.draw(dice);
    const int quality =
        options_.jpeg_quality > 0 ? options_.jpeg_quality : static_cast<int>(drawn_quality);
    entry.bytes = encodeJpeg(page, quality);
    if (sample_case == SampleCase::truncated) entry.bytes.resize(entry.bytes.size() * 2 / 3);
    return entry;
}

}  // namespace sheafline::sheets
