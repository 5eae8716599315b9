#include "takeover/losable_server.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "base/process_tree.h"

namespace sheafline::test {

namespace {

std::string listeningUrl(const Program& program) {
    std::string url = program.waitForLineAfter("listening on ");
    if (url.empty()) throw std::runtime_error("a server did not start to listen");
    return url;
}

std::string firstLine(const std::filesystem::path& file) {
    std::string line;
    std::ifstream in(file);
    std::getline(in, line);
    return line;
}

// A zombie has ended; its parent may be slow to notice.
bool runs(pid_t pid) {
    const std::string stat = firstLine("/proc/" + std::to_string(pid) + "/stat");
    const auto state = stat.rfind(") ");
    return state != std::string::npos && stat.at(state + 2) != 'Z';
}

std::string commandLine(pid_t pid) {
    return firstLine("/proc/" + std::to_string(pid) + "/cmdline");
}

LosableServer::Environment withData(LosableServer::Environment environment,
                                    const std::string& data) {
    environment["SHEAFLINE_DATA_DIR"] = data;
    return environment;
}

}  // namespace

LosableServer::LosableServer(const std::filesystem::path& folder, const std::string& data,
                             Environment environment)
    : data_(folder / data),
      program_(folder, {"serve", "--listen", "127.0.0.1:0"},
               withData(std::move(environment), data)),
      url_(listeningUrl(program_)),
      id_(firstLine(data_ / "owner.lock")) {}

std::vector<pid_t> LosableServer::processes() const {
    std::vector<pid_t> all{program_.pid()};
    std::ranges::copy(descendantsOf(program_.pid()), std::back_inserter(all));
    return all;
}

bool LosableServer::runsBatches() const {
    return std::ranges::any_of(descendantsOf(program_.pid()), [](pid_t pid) {
        return runs(pid) && commandLine(pid).find("batch-process") != std::string::npos;
    });
}

void LosableServer::stop() {
    // A process may start another one until it is stopped itself.
    for (std::vector<pid_t> stopped, now; (now = processes()) != stopped; stopped = now)
        for (const pid_t pid : now) ::kill(pid, SIGSTOP);
}

void LosableServer::proceed() {
    for (const pid_t pid : processes()) ::kill(pid, SIGCONT);
}

void LosableServer::lose() {
    if (std::exchange(lost_, true)) return;
    const auto all = processes();
    program_.signal(SIGKILL);
    program_.wait();
    eventually([&] { return std::ranges::none_of(all, runs); });
    std::filesystem::remove_all(data_);
}

}  // namespace sheafline::test
