// What is durable of a stage's run, as bytes: a child process writes them, and the test that
// started it reads them after the child was killed.
//
//     state = text(checkpoint or "-") outcome-code outcome-message calls columns frozen entries
//             skipped rows         ; each a text:  length ":" bytes
#pragma once

#include <optional>
#include <string>

#include <sheafline/testing/memory_sheets.h>
#include <sheafline/testing/outcome.h>

namespace sheafline::testing {

struct DurableState {
    MemorySheets::Content content{};
    std::optional<std::string> checkpoint{};
    Outcome outcome{};  // "killed" until the run ends
};

std::string encoded(const DurableState& state);
DurableState decodedState(const std::string& bytes);

std::string encoded(const Reading& reading);
Reading decodedReading(const std::string& bytes);

}  // namespace sheafline::testing
