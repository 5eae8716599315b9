// `extract` compared with `unzip`, `7zz` and `bsdtar` on the same archives of 300 MB in one run:
// one of JPEG-like bytes, which deflate cannot shrink, and one that deflate halves. The best of
// three runs counts; the goals are ratios to unzip of at least 5 and 3 with the durable copy.
//
//     extract_bench [FOLDER]
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "memory_stage_run.h"
#include "plugin_under_test.h"
#include "temporary_folder.h"
#include "zip_bytes.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr std::size_t kSheets = 1200;
constexpr std::size_t kSheetBytes = 250'000;

// `symbols` is the number of different bytes: 256 cannot be compressed, 16 compress by half.
fs::path writeArchive(const fs::path& folder, const std::string& name, unsigned symbols) {
    std::mt19937_64 random(symbols);
    std::vector<ForgedEntry> entries(kSheets);
    for (std::size_t i = 0; i < kSheets; ++i) {
        std::string bytes(kSheetBytes, '\0');
        for (char& c : bytes) c = static_cast<char>(random() % symbols);
        entries[i] = {
            .name = std::to_string(i) + ".jpg", .content = jpegLike(bytes), .deflated = true};
    }
    fs::path path = folder / name;
    std::ofstream(path, std::ios::binary) << zipOf(std::move(entries));
    return path;
}

void runProgram(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error(words[0] + " failed; is it installed?");
}

struct Cost {
    double seconds = 1e9;
    double cpu_seconds = 1e9;  // other programs of the machine affect it less
};

double cpuSeconds(int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The best of three. `who` says which process does the work: RUSAGE_SELF or RUSAGE_CHILDREN.
template <typename Work>
Cost bestCost(const fs::path& folder, int who, Work work) {
    Cost best;
    for (int i = 0; i < 3; ++i) {
        fs::remove_all(folder);
        fs::create_directories(folder);
        ::sync();  // so that neither writes back the pages of the other
        const auto start = std::chrono::steady_clock::now();
        const double cpu_start = cpuSeconds(who);
        work();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        best.seconds = std::min(best.seconds, seconds.count());
        best.cpu_seconds = std::min(best.cpu_seconds, cpuSeconds(who) - cpu_start);
    }
    return best;
}

void print(const std::string& how, const Cost& theirs, const Cost& ours) {
    std::cout << "  " << how << ": " << ours.seconds << " s, ratio "
              << theirs.seconds / ours.seconds << "; CPU " << ours.cpu_seconds << " s, ratio "
              << theirs.cpu_seconds / ours.cpu_seconds << '\n';
}

void compare(const fs::path& root, const std::string& what, unsigned symbols) {
    const fs::path archive = writeArchive(root, what + ".zip", symbols);
    const std::string there = (root / "peer").string();
    std::vector<std::pair<std::string, Cost>> peers;
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"unzip", "-q", archive.string(), "-d", there},
             {"7zz", "x", "-bso0", "-bsp0", "-o" + there, archive.string()},
             {"bsdtar", "-x", "-C", there, "-f", archive.string()}}) {
        const Cost cost = bestCost(there, RUSAGE_CHILDREN, [&] {
            fs::create_directories(there);
            runProgram(words);
        });
        peers.emplace_back(words.front(), cost);
    }
    const auto ours = [&](bool copy_there) {
        return bestCost(root / "ours", RUSAGE_SELF, [&] {
            MemoryStageRun run(root / "ours", "extract");
            if (copy_there) fs::create_hard_link(archive, run.batchFolder() / "archive.zip");
            makeStage("extract", {{"archive", {.text = archive.string()}}})->run(run);
        });
    };
    std::cout << what << " (" << fs::file_size(archive) / 1'000'000 << " MB packed): ";
    for (std::string_view separator; const auto& [name, cost] : peers) {
        std::cout << separator << name << ' ' << cost.seconds << " s, CPU " << cost.cpu_seconds
                  << " s";
        separator = "; ";
    }
    std::cout << '\n';
    const Cost& theirs = peers.front().second;
    print("extract", theirs, ours(true));
    print("extract with a durable copy of the archive", theirs, ours(false));
}

}  // namespace

int main(int count, char** words) {
    try {
        const TemporaryFolder temporary;
        const fs::path root = count > 1 ? fs::path(words[1]) : temporary.path();
        compare(root, "incompressible", 256);
        compare(root, "compressible", 16);
    } catch (const std::exception& error) {
        std::cerr << "extract_bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
