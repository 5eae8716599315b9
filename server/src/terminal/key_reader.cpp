#include "terminal/key_reader.h"

#include <cerrno>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace sheafline {

KeyReader::KeyReader() {
    auto before = std::make_unique<termios>();
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, before.get()) != 0) return;
    termios keys = *before;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    before_ = std::move(before);
}

KeyReader::~KeyReader() {
    if (before_) ::tcsetattr(STDIN_FILENO, TCSANOW, before_.get());
}

std::optional<std::string> KeyReader::next() {
    if (!before_) {
        std::string text;
        if (!std::getline(std::cin, text)) return std::nullopt;
        return text;
    }
    char key = 0;
    ssize_t count = 0;
    do {
        count = ::read(STDIN_FILENO, &key, 1);
    } while (count < 0 && errno == EINTR);
    constexpr char kInterrupt = 3;   // Ctrl-C: the terminal must become as before
    constexpr char kEndOfInput = 4;  // Ctrl-D
    if (count != 1 || key == kEndOfInput || key == kInterrupt) return std::nullopt;
    return std::string(1, key == '\r' ? '\n' : key);
}

std::optional<std::string> KeyReader::line() {
    if (!before_) return next();
    termios keys{};
    ::tcgetattr(STDIN_FILENO, &keys);
    ::tcsetattr(STDIN_FILENO, TCSANOW, before_.get());
    std::string text;
    while (true) {
        char letter = 0;
        if (::read(STDIN_FILENO, &letter, 1) != 1) break;
        if (letter == '\n') break;
        text += letter;
    }
    ::tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    return text;
}

}  // namespace sheafline
