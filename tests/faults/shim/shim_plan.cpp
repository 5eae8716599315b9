#include "shim_plan.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace sheafline::shim {

namespace {

std::string variable(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? "" : text;
}

int errorNumber(const std::string& name) {
    if (name == "ENOSPC") return ENOSPC;
    if (name == "EROFS") return EROFS;
    if (name == "EMFILE") return EMFILE;
    return EIO;
}

// Uses direct system calls, because our open() needs the plan.
std::string ownRole() {
    const long fd = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    std::array<char, 512> bytes{};
    const long count = ::syscall(SYS_read, fd, bytes.data(), bytes.size());
    ::syscall(SYS_close, fd);
    const std::string line(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (line.find(std::string("\0batch-process", 14)) != std::string::npos) return "batch";
    if (line.find(std::string("\0worker-process", 15)) != std::string::npos) return "worker";
    return "owner";
}

std::vector<std::string> parts(const std::string& text, char between) {
    std::vector<std::string> all(1);
    for (const char c : text) {
        if (c == between) {
            all.emplace_back();
        } else {
            all.back() += c;
        }
    }
    return all;
}

bool isMine(const std::string& wanted, const std::string& role) {
    return wanted == "any" || wanted == role;
}

}  // namespace

Plan::Plan() : root(variable("SHIM_ROOT")), role(ownRole()) {
    if (const auto fail = parts(variable("SHIM_FAIL"), ':'); fail.size() >= 3) {
        const auto who = parts(fail[0], '/');
        if (who.size() == 2 && isMine(who[0], role)) fail_call = who[1];
        fail_at = std::atol(fail[1].c_str());
        fail_on = fail[1].back() == '+';
        fail_errno = errorNumber(fail[2]);
        if (fail.size() > 3) fail_part = fail[3];
    }
    if (const auto pair = parts(variable("SHIM_SWITCH"), ':'); pair.size() == 2) {
        switch_file = pair[0];
        switch_errno = errorNumber(pair[1]);
    }
    short_seed = static_cast<unsigned>(std::atol(variable("SHIM_SHORT").c_str()));
    if (const auto who = parts(variable("SHIM_MALLOC"), '/');
        who.size() == 2 && isMine(who[0], role)) {
        malloc_at = std::atol(who[1].c_str());
        malloc_on = who[1].back() == '+';
    }
    no_sync = !variable("SHIM_NOSYNC").empty();
    record_file = variable("SHIM_RECORD");
    boot_id_file = variable("SHIM_BOOT_ID");
}

Plan& plan() {
    static Plan one;
    return one;
}

}  // namespace sheafline::shim
