#include "base/process_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace sheafline {

std::vector<pid_t> childrenOf(pid_t pid) {
    std::vector<pid_t> children;
    std::error_code gone;
    std::filesystem::directory_iterator task("/proc/" + std::to_string(pid) + "/task", gone);
    for (; !gone && task != std::filesystem::directory_iterator(); task.increment(gone)) {
        std::ifstream list(task->path() / "children");
        for (pid_t child = 0; list >> child;) children.push_back(child);
    }
    return children;
}

std::vector<pid_t> descendantsOf(pid_t pid) {
    std::vector<pid_t> all = childrenOf(pid);
    for (std::size_t next = 0; next < all.size(); ++next) {
        for (const pid_t child : childrenOf(all[next])) {
            // A process id that was reused while we looked must not make a circle.
            if (std::find(all.begin(), all.end(), child) == all.end()) all.push_back(child);
        }
    }
    return all;
}

}  // namespace sheafline
