// How params and readings are written for another process of the same program: to worker processes
// over their socket, to worker hosts through Redis (which take work of their own version alone).
#pragma once

#include <string>
#include <vector>

#include <sheafline/params.h>
#include <sheafline/sheets.h>

#include "process/wire.h"

namespace sheafline {

void writeTexts(WireWriter& out, const std::vector<std::string>& texts);
std::vector<std::string> readTexts(WireReader& in);

void writeParams(WireWriter& out, const ParamValues& params);
ParamValues readParams(WireReader& in);

void writeReading(WireWriter& out, const Reading& reading);
Reading readReading(WireReader& in);

}  // namespace sheafline
