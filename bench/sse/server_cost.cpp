#include "server_cost.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <unistd.h>

namespace sheafline::bench {

double cpuSeconds(const std::vector<int>& pids) {
    double ticks = 0;
    for (const int pid : pids) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string text;
        std::getline(file, text);
        std::istringstream fields(text.substr(text.rfind(')') + 2));
        std::string field;
        for (int i = 3; i <= 15; ++i) {
            fields >> field;
            if (i >= 14) ticks += std::stod(field);
        }
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double residentKb(const std::vector<int>& pids) {
    double kb = 0;
    for (const int pid : pids) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/status");
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("VmRSS:")) kb += std::stod(line.substr(6));
        }
    }
    return kb;
}

Held heldBy(const std::vector<int>& pids) {
    Held held;
    const auto count = [](const std::string& folder) {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder), {}));
    };
    for (const int pid : pids) {
        const std::string process = "/proc/" + std::to_string(pid);
        held.descriptors += count(process + "/fd");
        held.threads += count(process + "/task");
    }
    return held;
}

}  // namespace sheafline::bench
