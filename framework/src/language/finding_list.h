// Collects the findings of one file, so that one run reports all of them. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sheafline/error.h>

namespace sheafline {

class FindingList {
 public:
    explicit FindingList(std::string file) : file_(std::move(file)) {}

    // Lines and columns start at 1; line 0 is the file as a whole.
    void add(int line, int column, std::string key, std::string message) {
        findings_.push_back({file_, line, column, std::move(key), std::move(message)});
    }
    bool empty() const { return findings_.empty(); }
    // If there are findings: throws them as a ConfigError, sorted by place, each one once.
    void throwIfAny() const;

 private:
    const std::string file_;
    std::vector<Finding> findings_;
};

}  // namespace sheafline
