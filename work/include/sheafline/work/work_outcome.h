// The outcome of one delivery of a sheet.
#pragma once

#include <sheafline/sheets.h>

namespace sheafline::work {

struct WorkOutcome {
    enum class Kind {
        read,    // `reading` has the result of the processor
        failed,  // the attempt failed with the reason `reading.reason`; the sheet may get another
                 // attempt
        lost,    // too many workers were lost with it
    };

    int sheet = 0;
    int attempt = 0;
    Kind kind = Kind::read;
    Reading reading{};
};

}  // namespace sheafline::work
