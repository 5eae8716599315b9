//   SHEAFLINE_FAULT = fault *("," fault)
//   fault           = [role "/"] name ":" n ":" action
//   role            = "owner" | "batch" | "worker"               ; without one: whichever passes
//   action          = "kill" | "stop" | "exit" | "throw" | "sleep" | "eio"
//
// The fault acts at the n-th passage of its name in a process. With SHEAFLINE_FAULT_COUNT=FOLDER
// passages are counted over all processes together, as the size of the file FOLDER/role.name: a
// fault then acts once, however often its process is started again.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline {

namespace {

std::atomic<void (*)(const char*)> watcher{nullptr};

struct Fault {
    std::string role{};  // empty: any
    std::string name{};
    std::string action{};
    long at = 0;
    std::atomic<long> passages{0};  // in this process
};

std::string variable(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? "" : text;
}

// The first argument says which of our processes this is, as in main().
std::string ownRole() {
    std::string program;
    std::string argument;
    std::ifstream command_line("/proc/self/cmdline", std::ios::binary);
    std::getline(command_line, program, '\0');
    std::getline(command_line, argument, '\0');
    if (argument == "batch-process") return "batch";
    if (argument == "worker-process") return "worker";
    if (argument == "sink-process") return "sink";
    return "owner";
}

struct Plan {
    std::deque<Fault> faults{};  // a deque because a Fault does not move
    std::string count_folder{};
    std::string role{};

    Plan() : count_folder(variable("SHEAFLINE_FAULT_COUNT")) {
        const std::string text = variable("SHEAFLINE_FAULT");
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
            const auto slash = one.find('/');
            const auto begin = slash == std::string_view::npos ? 0 : slash + 1;
            const auto first = one.find(':');
            const auto second = one.find(':', first + 1);
            if (first == std::string_view::npos || second == std::string_view::npos) continue;
            Fault& fault = faults.emplace_back();
            fault.role = one.substr(0, begin == 0 ? 0 : slash);
            fault.name = one.substr(begin, first - begin);
            fault.action = one.substr(second + 1);
            fault.at = std::atol(std::string(one.substr(first + 1, second - first - 1)).c_str());
        }
        if (!faults.empty() || !count_folder.empty()) role = ownRole();
    }

    // How many passages there were now, in all processes.
    long counted(const std::string& name) const {
        const std::string file = count_folder + "/" + role + "." + name;
        const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0 || ::write(fd, "+", 1) != 1)
            ::_exit(70);                              // a test that cannot count proves nothing
        const off_t size = ::lseek(fd, 0, SEEK_CUR);  // the end of what this call appended
        ::close(fd);
        return static_cast<long>(size);
    }
};

void act(const Fault& fault) {
    if (fault.action == "kill") ::kill(::getpid(), SIGKILL);
    if (fault.action == "stop") ::kill(::getpid(), SIGSTOP);
    if (fault.action == "exit") ::_exit(70);
    if (fault.action == "sleep") std::this_thread::sleep_for(std::chrono::seconds(60));
    if (fault.action == "eio") throwSystemError(EIO, "fault point " + fault.name);
    if (fault.action == "throw") {
        throw Error(ErrorClass::transient, "FAULT", "thrown at the fault point " + fault.name);
    }
}

}  // namespace

void watchFaultPoints(void (*passed)(const char* name)) { watcher = passed; }

void faultPoint(const char* name) {
    if (auto* const passed = watcher.load(std::memory_order_relaxed)) passed(name);
    static Plan plan;  // read once, at the first passage
    const long together = plan.count_folder.empty() ? 0 : plan.counted(name);
    for (Fault& fault : plan.faults) {
        if (fault.name != name || (!fault.role.empty() && fault.role != plan.role)) continue;
        const long here = ++fault.passages;
        if ((together > 0 ? together : here) == fault.at) act(fault);
    }
}

}  // namespace sheafline
