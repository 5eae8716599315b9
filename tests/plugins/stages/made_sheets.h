// A large batch whose rows are made when they are asked for, so that a test sees how much memory
// the stage itself needs.
#pragma once

#include <optional>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "memory_stage_run.h"

namespace sheafline::test {

// Rows that are made when they are asked for, so that only the stage needs memory.
class MadeSheets : public MemorySheets {
 public:
    MadeSheets(int sheets, int questions) : sheets_(sheets), questions_(questions) {}
    std::size_t size() const override { return static_cast<std::size_t>(sheets_); }
    std::vector<std::string> rowColumns() const override {
        std::vector<std::string> names{"batch_id", "sheet", "status", "flags", "group"};
        for (int i = 1; i <= questions_; ++i) names.push_back("q" + std::to_string(i));
        names.emplace_back("score");
        return names;
    }
    std::optional<std::vector<std::string>> row(int number) const override {
        std::vector<std::string> row{"b", std::to_string(number), "read", "",
                                     "class " + std::to_string(number % 5000)};
        for (int i = 1; i <= questions_; ++i) {
            const auto mixed =
                static_cast<unsigned>(number) * 2654435761U + static_cast<unsigned>(i) * 40503U;
            row.emplace_back(1, "ABCD"[(mixed >> 13U) % 4]);
        }
        row.emplace_back("");
        return row;
    }

 private:
    int sheets_;
    int questions_;
};

class MadeRun : public MemoryStageRun {
 public:
    MadeRun(const std::filesystem::path& root, int sheets, int questions)
        : MemoryStageRun(root, "made"), made_(sheets, questions) {}
    MadeSheets& sheets() override { return made_; }

 private:
    MadeSheets made_;
};

inline long mostMemoryKib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

// Sanitizers need memory of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMeasuresMemory = false;
#else
inline constexpr bool kMeasuresMemory = true;
#endif

}  // namespace sheafline::test
