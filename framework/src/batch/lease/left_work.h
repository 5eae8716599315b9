// The work folders of a server that it does not need any more, because another server of the same
// history has worked on the batch since, or has removed it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/data_folder.h"
#include "base/sql/database.h"

namespace sheafline {

// The batches whose folders these are. The history must have leases.
std::vector<std::string> leftWork(const DataFolder& folder, sql::Database& history);

// A batch may start meanwhile, in a new folder. What a kill leaves is found by leftWork().
void removeLeftWork(const std::filesystem::path& aside);
std::filesystem::path asideOf(const std::filesystem::path& work);

}  // namespace sheafline
