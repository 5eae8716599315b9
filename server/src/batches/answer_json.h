// Answers in doubt as JSON, for the API and for --json.
#pragma once

#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include "history/review/review_reader.h"

namespace sheafline {

// A value that the answer may have, and how dark its bubble is, from 0 to 1. An answer of several
// fields, such as a number, has the alternatives of each of them.
struct Alternative {
    std::string field{};
    std::string value{};
    double darkness = 0;
};

// From the stored evidence; empty if the processor stores none, or an earlier version read the
// sheet.
std::vector<Alternative> alternativesOf(const DoubtfulAnswer& answer);

Poco::JSON::Object answerJson(const std::string& batch_id, const DoubtfulAnswer& answer);

}  // namespace sheafline
