// SHEAFLINE_FAULT=name:n:action[,name:n:action…]; action = kill | exit | throw | sleep | eio
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline {

namespace {

struct Fault {
    std::string name;
    std::string action;
    std::atomic<long> passages_left;
};

// Read once, at the first passage; a deque because a Fault does not move.
std::deque<Fault>& faults() {
    static std::deque<Fault> list = [] {
        std::deque<Fault> parsed;
        const char* text = std::getenv("SHEAFLINE_FAULT");
        std::string_view rest = text == nullptr ? "" : text;
        while (!rest.empty()) {
            const std::string_view one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
            const auto first = one.find(':');
            const auto second = one.find(':', first + 1);
            if (first == std::string_view::npos || second == std::string_view::npos) continue;
            Fault& fault = parsed.emplace_back();
            fault.name = one.substr(0, first);
            fault.action = one.substr(second + 1);
            fault.passages_left =
                std::atol(std::string(one.substr(first + 1, second - first - 1)).c_str());
        }
        return parsed;
    }();
    return list;
}

void act(const Fault& fault) {
    if (fault.action == "kill") ::kill(::getpid(), SIGKILL);
    if (fault.action == "exit") ::_exit(70);
    if (fault.action == "sleep") std::this_thread::sleep_for(std::chrono::seconds(60));
    if (fault.action == "eio") throwSystemError(EIO, "fault point " + fault.name);
    if (fault.action == "throw") {
        throw Error(ErrorClass::transient, "FAULT", "thrown at the fault point " + fault.name);
    }
}

}  // namespace

void faultPoint(const char* name) {
    for (Fault& fault : faults()) {
        if (fault.name == name && fault.passages_left.fetch_sub(1) == 1) act(fault);
    }
}

}  // namespace sheafline
