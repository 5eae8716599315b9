// What a person types: single keys on a terminal, lines otherwise. While it lives, the terminal
// does not wait for the end of a line and does not show what is typed. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

struct termios;

namespace sheafline {

class KeyReader {
 public:
    KeyReader();
    ~KeyReader();  // the terminal is as before
    KeyReader(const KeyReader&) = delete;
    KeyReader& operator=(const KeyReader&) = delete;

    bool isTerminal() const { return before_ != nullptr; }
    // A key ("\n" for Enter), or a line without its end. Nothing at the end of the input.
    std::optional<std::string> next();
    // A whole line, which a terminal shows while it is typed.
    std::optional<std::string> line();

 private:
    std::unique_ptr<termios> before_{};  // null if standard input is no terminal
};

}  // namespace sheafline
