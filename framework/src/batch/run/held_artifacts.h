// The artifacts of an apply of decisions, which are held back until the apply has succeeded. The
// runner's thread. After a crash, publish() finishes what an earlier one began.
#pragma once

#include <vector>

#include "batch/active_stage.h"
#include "history/change.h"

namespace sheafline {

class HeldArtifacts {
 public:
    explicit HeldArtifacts(const BatchEnvironment& environment) : environment_(environment) {}

    void publish();  // each one replaces the artifact with its name
    // With a lease the history knows what is held. The folder has only what an owner of the time
    // before left; the caller commits these rows.
    std::vector<ArtifactRow> copied();
    void remove();

 private:
    const BatchEnvironment& environment_;
};

}  // namespace sheafline
