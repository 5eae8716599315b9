// The cost of durability: the main pipeline on the same sheets, as it is and with every fsync and
// fdatasync disabled (by the library of tests/faults/shim), alternating in one run. The best of
// several rounds counts. The ratio is durable to not durable; 1 would mean that durability costs
// nothing.
//
//     durability_bench [SHEETS [ROUNDS [FOLDER]]]        ; 300, 3, a folder in /tmp
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>

namespace fs = std::filesystem;

namespace {

const std::string kProgram = SHEAFLINE_BINARY_DIR "/bin/sheafline";

struct Cost {
    double wall = 1e9;
    double cpu = 1e9;
};

double childrenCpu() {
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void call(const std::string& command) {
    if (std::system(command.c_str()) != 0)  // NOLINT(cert-env33-c): a shell redirects
        throw std::runtime_error("failed: " + command);
}

Cost run(const fs::path& folder, const std::string& environment) {
    const fs::path data = folder / "data";
    fs::remove_all(data);
    const double before = childrenCpu();
    const auto start = std::chrono::steady_clock::now();
    call(environment + kProgram +
         " run " SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml --input " +
         (folder / "s.zip").string() + " --data-dir " + data.string() + " > /dev/null 2>&1");
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    return {.wall = wall.count(), .cpu = childrenCpu() - before};
}

void keepBest(Cost& best, const Cost& now) {
    best.wall = std::min(best.wall, now.wall);
    best.cpu = std::min(best.cpu, now.cpu);
}

}  // namespace

int main(int count, char** words) {
    try {
        const int sheets = count > 1 ? std::stoi(words[1]) : 300;
        const int rounds = count > 2 ? std::stoi(words[2]) : 3;
        const fs::path folder =
            (count > 3 ? fs::path(words[3]) : fs::temp_directory_path()) / "sheafline-durability";
        fs::create_directories(folder);
        call(kProgram + " sample --sheets " + std::to_string(sheets) + " --out " +
             (folder / "s.zip").string() + " > /dev/null");
        const std::string shim =
            "LD_PRELOAD=" SHEAFLINE_BINARY_DIR "/lib/fault_shim.so SHIM_NOSYNC=1 ";
        Cost durable;
        Cost careless;
        for (int round = 0; round < rounds; ++round) {
            keepBest(durable, run(folder, ""));
            keepBest(careless, run(folder, shim));
        }
        fs::remove_all(folder);
        std::array<char, 256> line{};
        std::snprintf(line.data(), line.size(),
                      "%d sheets: durable %.2f s (CPU %.2f s), without fsync %.2f s (CPU %.2f s), "
                      "ratio %.3f (CPU %.3f)\n",
                      sheets, durable.wall, durable.cpu, careless.wall, careless.cpu,
                      durable.wall / careless.wall, durable.cpu / careless.cpu);
        std::cout << line.data();
    } catch (const std::exception& error) {
        std::cerr << "durability_bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
