// A server with the pipeline omr-batch, and a batch of sample sheets whose true answers are known.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "running_server.h"

namespace sheafline::test {

// One answer in doubt, with the answer that is true.
struct Doubt {
    int sheet = 0;
    std::string field{};
    std::string truth{};
};

class ReviewSite {
 public:
    // Runs a batch of so many sheets of a profile of `sheafline sample` to its end. `change` may
    // change its file b.zip before.
    ReviewSite(int sheets, const std::string& profile,
               std::map<std::string, std::string> environment = {},
               const std::function<void(const TemporaryFolder&)>& change = {});

    Site site{};
    RunningServer server;
    Headers admin{};
    std::string id{};
    Poco::JSON::Object::Ptr truth{};  // of each file

    std::vector<Doubt> doubts() const;  // of all sheets
    std::string trueValue(const std::string& file, const std::string& field) const;
    Reply decide(const std::string& json, const Headers& who) const;
    Reply decide(const std::vector<Doubt>& doubts, const Headers& who) const;
    // Applies, and waits for the final event; gives its name.
    std::string apply() const;
    std::string artifact(const std::string& name) const;
    // The rows of the CSV, by sheet: column to value.
    std::map<int, std::map<std::string, std::string>> rows() const;
    // The answers of the CSV that are not the true ones, as "3 q7=B; ".
    std::string wrongAnswers() const;
    Poco::JSON::Array::Ptr items(const std::string& what) const;  // of a list of the batch
};

// Decides every answer in doubt from the truth, applies once, and checks the result.
void decideAllFromTruth(const ReviewSite& review);

Poco::JSON::Object::Ptr objectOf(const std::string& json);

}  // namespace sheafline::test
