// Prints on standard error what a person needs next: the results, and how many sheets wait for a
// decision.
#pragma once

#include <string>

#include "base/data_folder.h"
#include "client/remote_server.h"

namespace sheafline {

void showResults(const DataFolder& folder, const std::string& batch_id);
void showResults(const RemoteServer& server, const std::string& batch_id);

}  // namespace sheafline
