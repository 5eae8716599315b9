// CPU time, user and system: load on the machine affects it far less than the time on the clock.
#pragma once

#include <ctime>
#include <sys/resource.h>
#include <sys/time.h>

namespace sheafline::bench {

inline double secondsOn(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

inline double secondsOf(const rusage& usage) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of this process.
inline double cpuSeconds() { return secondsOn(CLOCK_PROCESS_CPUTIME_ID); }

// Of all processes that it started and waited for.
inline double childCpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return secondsOf(usage);
}

}  // namespace sheafline::bench
