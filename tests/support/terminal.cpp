#include "terminal.h"

#include <array>
#include <cstdlib>
#include <pty.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#include "terminal_screen.h"

namespace sheafline {

TerminalSession::TerminalSession(const std::filesystem::path& folder,
                                 const std::vector<std::string>& arguments, unsigned short columns,
                                 unsigned short rows, const Typing& typing)
    : columns_(columns) {
    const std::string program = SHEAFLINE_BINARY_DIR "/bin/sheafline";
    std::vector<std::string> texts{program};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(texts.size() + 1);
    for (std::string& text : texts) argv.push_back(text.data());
    argv.push_back(nullptr);
    winsize size{};
    size.ws_col = columns;
    size.ws_row = rows;
    int terminal = -1;
    const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (pid < 0) throw std::runtime_error("cannot open a terminal");
    if (pid == 0) {
        ::setenv("TERM", "xterm", 1);
        ::setenv("LC_ALL", "C", 1);
        ::setenv("NO_COLOR", "1", 1);
        ::setenv("SHEAFLINE_PLUGIN_PATH", SHEAFLINE_BINARY_DIR "/probes", 1);
        if (::chdir(folder.c_str()) == 0) ::execv(program.c_str(), argv.data());
        ::_exit(127);
    }
    std::array<char, 4096> piece{};
    std::string to_type = typing.answer;
    for (ssize_t n = 0; (n = ::read(terminal, piece.data(), piece.size())) > 0;) {
        bytes_.append(piece.data(), static_cast<std::size_t>(n));
        if (to_type.empty() || bytes_.find(typing.question) == std::string::npos) continue;
        if (::write(terminal, to_type.data(), to_type.size()) < 0)
            throw std::runtime_error("cannot type on the terminal");
        to_type.clear();
    }
    int ended = 0;
    ::waitpid(pid, &ended, 0);
    ::close(terminal);
    status_ = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
}

std::string TerminalSession::screen() const {
    TerminalScreen screen(columns_);
    screen.write(bytes_);
    return screen.text();
}

}  // namespace sheafline
