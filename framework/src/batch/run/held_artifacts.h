// The artifacts of an apply of decisions, which are held back until the apply has succeeded. The
// runner's thread. After a crash, publish() finishes what an earlier one began.
#pragma once

#include "batch/active_stage.h"

namespace sheafline {

class HeldArtifacts {
 public:
    explicit HeldArtifacts(const BatchEnvironment& environment) : environment_(environment) {}

    void publish();  // each one replaces the artifact with its name
    void remove();

 private:
    const BatchEnvironment& environment_;
};

}  // namespace sheafline
