// The built program `sheafline`, run as a person runs it: arguments in, exit status and both
// outputs out.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

struct ProgramResult {
    int status = -1;  // exit status, or 128 + the signal that ended it
    std::string out{};
    std::string err{};
};

class Program {
 public:
    // Starts it in `folder` with the test plugins in its path; the environment is ours and
    // `environment`. Standard input is the file `input`.
    Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment = {},
            const std::filesystem::path& input = "/dev/null");
    ~Program();  // kills it if it still runs
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    int pid() const { return pid_; }
    void signal(int number) const;
    ProgramResult wait();
    // Waits until its standard output contains `text`; false if it ended without it.
    bool waitForOutput(const std::string& text) const;
    // The text after `text` on standard output or standard error, up to the end of its line. Empty
    // if it ended without it.
    std::string waitForLineAfter(const std::string& text) const;

 private:
    bool ended() const;  // by itself; wait() has not returned yet

    int pid_ = -1;
    std::filesystem::path out_;
    std::filesystem::path err_;
};

ProgramResult runProgram(const std::filesystem::path& folder,
                         const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment = {},
                         const std::filesystem::path& input = "/dev/null");

std::size_t countOf(std::string_view text,
                    std::string_view part);  // how often it contains the part

// Repeats the check until it is true; false after a long time, so that a broken program fails a
// test instead of blocking it.
bool eventually(const std::function<bool()>& so);

}  // namespace sheafline
