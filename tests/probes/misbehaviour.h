// Misbehavior of both a stage and a processor.
#pragma once

#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace sheafline::test {

inline void hang() { std::this_thread::sleep_for(std::chrono::hours(1)); }

// Deep enough for any stack; a compiler would reject a recursion that is known to be endless.
inline int overflow(const volatile char* above, long depth = 1'000'000'000) {
    volatile char here[4096];  // NOLINT: that is the point
    here[0] = *above;
    return depth == 0 ? 0 : here[0] + overflow(here, depth - 1);
}

// Keeps running, and keeps all inherited files open.
inline void leaveChildBehind() {
    if (::fork() == 0) {
        hang();
        ::_exit(0);
    }
}

inline void eat() {
    std::vector<std::vector<char>> meal;
    while (true) meal.emplace_back(std::size_t{16} << 20U, 'x');
}

inline int filesThatOpen() {
    int count = 0;
    while (count < 10'000 && ::open("/dev/null", O_RDONLY) >= 0) ++count;
    return count;
}

inline void writeIntoSocket() {
    if (::write(3, "\xff\xff\xff\xff garbage", 12) != 12) std::abort();
}

inline void changeSurroundings() {
    if (::chdir("/") != 0) ::abort();
    ::umask(0777);
    std::setlocale(LC_ALL, "C.UTF-8");
    ::signal(SIGTERM, SIG_IGN);
    ::setenv("TZ", "Asia/Tokyo", 1);
    std::puts("no event at all");
    std::fflush(stdout);
}

}  // namespace sheafline::test
