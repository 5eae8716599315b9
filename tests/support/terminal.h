// The program on a new pseudo terminal, until it ends.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sheafline {

struct Typing {
    std::string question{};  // when this is on the terminal,
    std::string answer{};    // this is typed
};

class TerminalSession {
 public:
    TerminalSession(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                    unsigned short columns, unsigned short rows, const Typing& typing = {});

    int status() const { return status_; }
    const std::string& bytes() const { return bytes_; }  // all of its output
    std::string screen() const;                          // the screen at the end

 private:
    const std::size_t columns_;
    int status_ = -1;
    std::string bytes_;
};

}  // namespace sheafline
