// One entry of a sample batch: the content of the sheet, its scan, and the true answers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/sheets/write_samples.h>

#include "sample/draw_sheet.h"

namespace sheafline::sheets {

enum class SampleCase {
    good,
    no_qr,
    damaged_qr,
    blank_page,
    upside_down,
    sideways,
    truncated,
    not_an_image,
    duplicate,
    litter,
};

std::string_view toString(SampleCase sample_case);

struct SampleTruth {
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    std::string qr{};
    Pairs answers{};  // in the template's order
    Pairs doubt{};
    Pairs kinds{};
};

struct SampleEntry {
    std::vector<std::uint8_t> bytes{};
    SampleTruth truth{};
};

class SampleMaker {
 public:
    explicit SampleMaker(const SampleOptions& options);

    // Sheet `index`, counted from 0, which is a page of a student; `scan_number` differs where the
    // same sheet is scanned twice. Thread-safe.
    SampleEntry make(int index, SampleCase sample_case, int scan_number) const;

 private:
    // What a page has before it is filled.
    struct Page {
        SampleLayout layout;
        GreyImage blank;
    };

    const Page& pageOf(int index) const;
    FilledSheet fill(int index, SampleTruth& truth, Dice& dice) const;
    GreyImage photograph(GreyImage page, Dice& dice) const;

    const SampleOptions options_;
    const std::vector<std::string> classes_;
    std::vector<Page> pages_{};
};

}  // namespace sheafline::sheets
