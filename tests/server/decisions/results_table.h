// The table that db_load made for a batch: in results.db of its folder, or in the database of
// several servers.
#pragma once

#include <string>

#include "running_server.h"

namespace sheafline::test {

// Runs a statement there. Rows are separated by line ends, cells by `|`.
std::string onResults(const Site& site, const RunningServer& server, const std::string& batch,
                      const std::string& sql);

}  // namespace sheafline::test
