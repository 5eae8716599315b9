#include "api/metrics/process_metrics.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace sheafline::api {

namespace {

double secondsOf(const timeval& time) {
    constexpr double kMicroseconds = 1e6;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicroseconds;
}

long residentBytes() {
    long size = 0;
    long resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

std::ptrdiff_t entriesOf(const char* folder) {
    std::error_code error;
    return std::distance(std::filesystem::directory_iterator(folder, error), {});
}

}  // namespace

// The names are those of Prometheus' own client libraries, so that common dashboards find them.
void addProcess(MetricText& metrics) {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    metrics.add("process_cpu_seconds_total", "counter", "Time of the server's process on a CPU",
                secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime));
    metrics.add("process_resident_memory_bytes", "gauge", "Memory of the server's process",
                residentBytes());
    metrics.add("process_open_fds", "gauge", "Open files and connections",
                entriesOf("/proc/self/fd"));
    metrics.add("process_threads", "gauge", "Threads of the server's process",
                entriesOf("/proc/self/task"));
}

void addDisk(MetricText& metrics, const DataFolder& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder.data(), error);
    if (error) return;
    metrics.add("sheafline_disk_free_bytes", "gauge", "Free bytes for the data folder",
                space.available);
    metrics.add("sheafline_disk_size_bytes", "gauge", "Size of the data folder's file system",
                space.capacity);
    if (!folder.hasSharedStore()) return;
    const auto store = std::filesystem::space(folder.store(), error);
    if (error) return;
    metrics.add("sheafline_store_free_bytes", "gauge", "Free bytes for the shared store",
                store.available);
    metrics.add("sheafline_store_size_bytes", "gauge", "Size of the shared store's file system",
                store.capacity);
}

}  // namespace sheafline::api
