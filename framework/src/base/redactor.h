// Masks the values of secrets in all text that leaves the batch's process. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

class Redactor {
 public:
    void learn(const std::string& secret);
    std::string masked(std::string text) const;

 private:
    mutable std::mutex mutex_;
    std::vector<std::string> secrets_;
};

}  // namespace sheafline
