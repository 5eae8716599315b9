// What a person does next, on standard error: where the results are, and what waits for a decision.
#pragma once

#include <string>

#include "base/data_folder.h"
#include "client/remote_server.h"

namespace sheafline {

void showResults(const DataFolder& folder, const std::string& batch_id);
void showResults(const RemoteServer& server, const std::string& batch_id);

}  // namespace sheafline
