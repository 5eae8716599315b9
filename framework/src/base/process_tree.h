// Which processes a process has started, as /proc shows them. Any thread. A process that cannot be
// read (it ended, or there is no free descriptor) has no children here.
#pragma once

#include <sys/types.h>
#include <vector>

namespace sheafline {

// Of all its threads, the oldest first.
std::vector<pid_t> childrenOf(pid_t pid);

// Its children, their children, and so on; parents come before their children.
std::vector<pid_t> descendantsOf(pid_t pid);

}  // namespace sheafline
