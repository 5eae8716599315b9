// How a call of a plugin ended, as texts to compare.
#pragma once

#include <string>

namespace sheafline::testing {

struct Outcome {
    std::string code{};     // "done", "killed", or the code of the error, such as "DISK_FULL"
    std::string message{};  // of the error
};

}  // namespace sheafline::testing
