// What became of one delivery of a sheet.
#pragma once

#include <sheafline/sheets.h>

namespace sheafline::work {

struct WorkOutcome {
    enum class Kind {
        read,    // `reading` is the processor's
        failed,  // the attempt failed as `reading.refusal` says; the sheet may go round again
        lost,    // too many workers were lost with it
    };

    int sheet = 0;
    int attempt = 0;
    Kind kind = Kind::read;
    Reading reading{};
};

}  // namespace sheafline::work
