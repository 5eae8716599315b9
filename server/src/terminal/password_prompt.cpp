#include "terminal/password_prompt.h"

#include <iostream>
#include <termios.h>
#include <unistd.h>

#include <sheafline/error.h>

namespace sheafline {

namespace {

// Turns off the echo of the terminal. Ctrl-C must not leave the terminal without echo, so it is
// read as a character that ends the line.
class Silence {
 public:
    Silence() {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios silent = before_;
        silent.c_lflag &= static_cast<tcflag_t>(~(ECHO | ISIG));
        silent.c_cc[VEOL] = before_.c_cc[VINTR];
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~Silence() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

    // Does not use std::cin, because Ctrl-C ends a line without a line feed.
    std::string line() const {
        std::string text;
        char c = 0;
        while (::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
            if (static_cast<cc_t>(c) == before_.c_cc[VINTR]) throw ConfigError("interrupted");
            text += c;
        }
        return text;
    }

 private:
    termios before_{};
};

std::string ask(const std::string& question) {
    const Silence silence;  // before the question, so that no typed character is shown or lost
    std::cerr << question << ": " << std::flush;
    std::string answer = silence.line();
    std::cerr << '\n';
    return answer;
}

}  // namespace

std::string readPassword(const std::string& user) {
    if (::isatty(STDIN_FILENO) != 0) return ask("Password of " + user);
    std::string line;
    if (!std::getline(std::cin, line)) throw ConfigError("no password on standard input");
    return line;
}

std::string readNewPassword(const std::string& user) {
    std::string password = readPassword(user);
    if (::isatty(STDIN_FILENO) != 0 && ask("Repeat the password") != password)
        throw ConfigError("the two passwords differ");
    return password;
}

}  // namespace sheafline
