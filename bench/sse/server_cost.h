// The cost of a server under load: the sums over its processes, from /proc.
#pragma once

#include <cstddef>
#include <vector>

namespace sheafline::bench {

double cpuSeconds(const std::vector<int>& pids);
double residentKb(const std::vector<int>& pids);

struct Held {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
};
Held heldBy(const std::vector<int>& pids);

}  // namespace sheafline::bench
