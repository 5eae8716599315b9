// The program on a new pseudo terminal, until it ends.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sheafline {

struct Typing {
    std::string question{};  // once this is on the terminal,
    std::string answer{};    // this is typed
};

class TerminalSession {
 public:
    TerminalSession(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                    unsigned short columns, unsigned short rows, const Typing& typing = {});

    int status() const { return status_; }
    const std::string& bytes() const { return bytes_; }  // all that it wrote
    std::string screen() const;                          // what is seen at the end

 private:
    const std::size_t columns_;
    int status_ = -1;
    std::string bytes_;
};

}  // namespace sheafline
