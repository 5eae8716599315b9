// The format of params and readings for another process of the same program: for worker processes
// over their socket, for worker hosts through Redis (which accept only work of their own version).
#pragma once

#include <string>
#include <vector>

#include <sheafline/params.h>
#include <sheafline/processor.h>
#include <sheafline/sheets.h>

#include "process/wire.h"

namespace sheafline {

void writeTexts(WireWriter& out, const std::vector<std::string>& texts);
std::vector<std::string> readTexts(WireReader& in);

void writeParams(WireWriter& out, const ParamValues& params);
ParamValues readParams(WireReader& in);

// Empty if a reading fits its processor's columns; otherwise the error.
std::string columnsError(const Reading& reading, std::size_t columns);

void writeReading(WireWriter& out, const Reading& reading);
// Makes the texts valid UTF-8 and the confidence 0 to 1, because the other process is not trusted.
Reading readReading(WireReader& in);

void writeTask(WireWriter& out, const SheetTask& task);
SheetTask readTask(WireReader& in);

}  // namespace sheafline
