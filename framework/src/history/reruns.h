// What the next execution of a batch does again. A value.
#pragma once

#include <string>
#include <vector>

namespace sheafline {

// Sheets that are read again.
enum class SheetChoice {
    none,
    quarantined,
    all,
    scores,  // of `readings` only: sheets that were read wait for new scores, with their readings
};

struct RerunStage {
    std::string stage_id{};
    bool keeps_checkpoint = true;
    bool changes_only = false;  // only for the sheets that people's decisions change
};

// A stage that is not in `reruns` keeps its result.
struct NextExecution {
    std::vector<RerunStage> reruns{};
    SheetChoice readings = SheetChoice::none;  // which sheets a processor reads again
    SheetChoice codes = SheetChoice::none;     // of which sheets the codes are read again, except
                                               // codes that a person entered
};

}  // namespace sheafline
