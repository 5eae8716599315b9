// Collects the mistakes of one file, so that all of them are told in one run. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sheafline/error.h>

namespace sheafline {

class MistakeList {
 public:
    explicit MistakeList(std::string file) : file_(std::move(file)) {}

    // Lines and columns start at 1; line 0 is the file as a whole.
    void add(int line, int column, std::string key, std::string message) {
        mistakes_.push_back({file_, line, column, std::move(key), std::move(message)});
    }
    bool empty() const { return mistakes_.empty(); }
    // Throws ConfigError, sorted by place and each told once, where there is any.
    void throwIfAny() const;

 private:
    const std::string file_;
    std::vector<Mistake> mistakes_;
};

}  // namespace sheafline
