// A sample batch made for a test: its pages by name, and the truth about each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sheafline/sheets/write_samples.h>

namespace sheafline::sheets {

struct SampleTruthOfSheet {
    std::string qr{};
    std::map<std::string, std::string> answers{};
    std::map<std::string, std::string> doubt{};
    std::map<std::string, std::string> kinds{};
    std::string sample_case{};  // empty: a good sheet
    std::string expect{};
};

struct SampledSheet {
    std::vector<std::uint8_t> bytes{};
    SampleTruthOfSheet truth{};
};

// It sets `options.out` and `options.truth`.
std::map<std::string, SampledSheet> makeSampleBatch(SampleOptions options);

}  // namespace sheafline::sheets
