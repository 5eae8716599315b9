// Tests that a pipeline survives kills: runs it once without a fault, then once for each pass of
// each fault point with a kill -9 there (or at random times), resumes it, and compares the results.
// Used by `sheafline test` and by the tests of this project.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sheafline::faults {

struct KillOptions {
    std::vector<std::string> run{};     // arguments of `run`: pipeline, --input, --set
    std::vector<std::string> common{};  // of every command: --plugin-path
    std::filesystem::path folder{};     // an empty one, for all the data folders
    int random_kills = 0;               // instead of those at every point
    std::uint64_t seed = 1;             // of the first random kill; each next one is higher by 1
    int at_most = 0;                    // passes of one point, spread evenly; 0: all
    std::optional<std::string> only{};  // one case: "owner/history.commit:3"
    int jobs = 2;
    bool lose_work = false;  // before each resume, the work folder is removed
    std::string repeat{};    // the command that repeats a case, without the name of the case
};

class KillEverywhere {
 public:
    KillEverywhere(KillOptions options, std::ostream& report);

    bool run();  // returns whether all cases passed

 private:
    using Milliseconds = std::chrono::milliseconds;

    struct Case {
        std::string name{};   // "at=owner/history.commit:3" or "seed=17"
        std::string fault{};  // SHEAFLINE_FAULT, for a kill at a point
        std::optional<std::uint64_t> seed{};
    };
    struct Verdict {
        std::string faults{};   // empty: it passed
        Milliseconds ready{0};  // of the slowest resume
        long redone = 0;        // sheets
    };

    void runUndisturbed();
    std::vector<Case> cases() const;
    std::vector<Case> casesOf(const std::string& point, long passages) const;
    void report(const Case& one, const Verdict& verdict);
    Verdict verdictOf(const Case& one) const;
    Verdict survive(const Case& one, const std::filesystem::path& folder) const;
    std::vector<std::string> command(const std::string& name,
                                     const std::filesystem::path& data) const;

    const KillOptions options_;

    // constant once runUndisturbed() returned
    std::string outcome_{};
    std::map<std::string, long> passages_{};  // by "role/name"
    Milliseconds duration_{0};
    int status_ = 0;

    std::mutex mutex_;
    // guarded by mutex_
    std::ostream& report_;
    std::size_t passed_ = 0;
    std::size_t failed_ = 0;
    Milliseconds slowest_resume_{0};
    long most_redone_ = 0;
};

}  // namespace sheafline::faults
