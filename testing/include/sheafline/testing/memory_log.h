// A log that keeps its lines for the test. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include <sheafline/log.h>

namespace sheafline::testing {

class MemoryLog : public Log {
 public:
    void write(LogLevel, std::string_view text) override {
        const std::lock_guard lock(mutex_);
        text_.append(text).append("\n");
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

 private:
    mutable std::mutex mutex_;
    std::string text_;  // guarded by mutex_
};

}  // namespace sheafline::testing
