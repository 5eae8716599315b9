#include "disturber.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <utility>

#include "base/process_tree.h"

namespace sheafline::test {

namespace {

constexpr std::chrono::seconds kStopped{30};
constexpr int kLongestAbsenceMs = 15'000;  // of a killed server: longer than a lease
constexpr int kLongestPauseMs = 1'500;     // between two faults
constexpr const char* kBatchProcess = "batch-process";
constexpr const char* kWorker = "worker-process";
constexpr int kMostKills = 3;  // of one batch's processes: five crashes in a stage end the batch

// The words of its command line: the program, the hidden command, for a batch two folders and its
// id.
std::vector<std::string> wordsOf(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
    std::vector<std::string> words(5);
    for (std::string& word : words) std::getline(file, word, '\0');
    return words;
}

}  // namespace

Disturber::Disturber(SharedServers& servers, int faults, std::uint64_t seed)
    : servers_(servers),
      faults_(faults),
      random_(seed),
      up_(servers.count(), true),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Disturber::~Disturber() {
    thread_.request_stop();
    thread_.join();
}

bool Disturber::done() const {
    const std::lock_guard lock(mutex_);
    return done_;
}

std::map<std::string, int> Disturber::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void Disturber::count(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    ++counts_[kind];
}

int Disturber::number(int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random_);
}

void Disturber::run(const std::stop_token& stop) {
    for (int faults = 0; faults < faults_ && !stop.stop_requested();) {
        if (disturb()) ++faults;
        waitAndHeal(stop, std::chrono::milliseconds(number(0, kLongestPauseMs)));
    }
    healDue(Clock::time_point::max());
    const std::lock_guard lock(mutex_);
    done_ = true;
}

// False if what was chosen cannot be disturbed now.
bool Disturber::disturb() {
    const int kind = number(1, 10);
    if (kind <= 3) return disturbServer();
    if (kind <= 8) return disturbProcess(kind <= 5 ? kBatchProcess : kWorker);
    if (kind == 9) {
        servers_.postgres().stopImmediately();
        servers_.postgres().start();
        count("PostgreSQL restarted");
    } else {
        static_cast<void>(servers_.redis().cli("FLUSHALL"));
        count("Redis emptied");
    }
    return true;
}

bool Disturber::disturbServer() {
    if (std::ranges::count(up_, true) < 2) return false;
    const auto index = static_cast<std::size_t>(number(0, static_cast<int>(up_.size()) - 1));
    if (!up_[index]) return false;
    up_[index] = false;
    if (number(0, 1) == 0) {
        servers_.server(index).signal(SIGKILL);
        const std::chrono::milliseconds absence(number(0, kLongestAbsenceMs));
        healings_.push_back({Clock::now() + absence, [this, index] {
                                 servers_.restart(index);
                                 up_[index] = true;
                             }});
        count("server killed");
        return true;
    }
    servers_.server(index).signal(SIGSTOP);
    healings_.push_back({Clock::now() + kStopped, [this, index] {
                             servers_.server(index).signal(SIGCONT);
                             up_[index] = true;
                         }});
    count("server stopped");
    return true;
}

bool Disturber::disturbProcess(const std::string& command) {
    std::vector<pid_t> processes;
    for (std::size_t index = 0; index < up_.size(); ++index) {
        if (!up_[index]) continue;
        std::ranges::copy_if(descendantsOf(servers_.server(index).pid()),
                             std::back_inserter(processes),
                             [&](pid_t pid) { return wordsOf(pid)[1] == command; });
    }
    if (processes.empty()) return false;
    const pid_t pid =
        processes[static_cast<std::size_t>(number(0, static_cast<int>(processes.size()) - 1))];
    if (number(0, 2) > 0) {
        if (command == kBatchProcess && ++kills_[wordsOf(pid)[4]] > kMostKills) return false;
        ::kill(pid, SIGKILL);
        count(command + " killed");
        return true;
    }
    ::kill(pid, SIGSTOP);
    healings_.push_back({Clock::now() + kStopped, [pid] { ::kill(pid, SIGCONT); }});
    count(command + " stopped");
    return true;
}

void Disturber::waitAndHeal(const std::stop_token& stop, std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    std::unique_lock lock(mutex_);
    never_.wait_until(lock, stop, end, [] { return false; });
    lock.unlock();
    healDue(Clock::now());
}

void Disturber::healDue(Clock::time_point now) {
    std::vector<Healing> due;
    std::erase_if(healings_, [&](Healing& healing) {
        if (healing.due > now) return false;
        due.push_back(std::move(healing));
        return true;
    });
    for (const Healing& healing : due) healing.heal();
}

}  // namespace sheafline::test
