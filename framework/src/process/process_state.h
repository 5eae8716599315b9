// What code of a plugin can change for everybody in its process: folder, umask, locale, signal
// handlers. Taken before such code runs, put back after it. Its environment is not: nothing that we
// read later depends on it, and it ends with the process.
//
//     const ProcessState before;
//     stage->run(run);
//     for (const std::string& what : before.restore()) log.warning("it changed the " + what);
#pragma once

#include <array>
#include <csignal>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sheafline {

class ProcessState {
 public:
    ProcessState();

    std::vector<std::string> restore() const;  // names what differed

 private:
    std::string folder_;
    mode_t umask_;
    std::string locale_;
    std::array<struct sigaction, NSIG> handlers_{};
};

}  // namespace sheafline
