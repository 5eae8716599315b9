#include "process/process_state.h"

#include <climits>
#include <clocale>
#include <cstdio>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace sheafline {

namespace {

std::string folderOfNow() {
    std::array<char, PATH_MAX> path{};
    return ::getcwd(path.data(), path.size()) == nullptr ? "" : path.data();
}

// Asked for without being changed for a moment, as umask() would: other threads make files.
mode_t umaskOfNow() {
    std::ifstream status("/proc/self/status");
    std::string key;
    while (status >> key && key != "Umask:") {
    }
    unsigned mask = 0;
    status >> std::oct >> mask;
    return mask;
}

bool sameHandler(const struct sigaction& a, const struct sigaction& b) {
    return a.sa_handler == b.sa_handler && a.sa_flags == b.sa_flags;
}

}  // namespace

ProcessState::ProcessState()
    : folder_(folderOfNow()), umask_(umaskOfNow()), locale_(std::setlocale(LC_ALL, nullptr)) {
    for (std::size_t signal = 1; signal < handlers_.size(); ++signal)
        ::sigaction(static_cast<int>(signal), nullptr, &handlers_[signal]);
}

std::vector<std::string> ProcessState::restore() const {
    std::vector<std::string> changed;
    if (folderOfNow() != folder_ && ::chdir(folder_.c_str()) == 0)
        changed.emplace_back("working folder");
    // Setting it returns the old value, which is cheaper than asking for it.
    if (::umask(umask_) != umask_) changed.emplace_back("umask");
    if (std::setlocale(LC_ALL, nullptr) != locale_) {
        std::setlocale(LC_ALL, locale_.c_str());
        changed.emplace_back("locale");
    }
    for (std::size_t signal = 1; signal < handlers_.size(); ++signal) {
        struct sigaction now {};
        if (::sigaction(static_cast<int>(signal), nullptr, &now) != 0 ||
            sameHandler(now, handlers_[signal]))
            continue;
        ::sigaction(static_cast<int>(signal), &handlers_[signal], nullptr);
        changed.push_back("handler of signal " + std::to_string(signal));
    }
    return changed;
}

}  // namespace sheafline
