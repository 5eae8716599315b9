// Who may read the files of a data folder: its user, and one group. Folders get mode 0750, files at
// most 0640, independent of the umask.
#pragma once

#include <filesystem>
#include <string>

namespace sheafline {

// Removes the access of others from a folder that belongs to this user, and from all that is in it.
// `group` (empty: unchanged) gets read access, also to files that are made later. A tree that is
// closed already is not walked. Throws Error (DATA_FOLDER) with the remedy.
void restrictAccess(const std::filesystem::path& folder, const std::string& group);

}  // namespace sheafline
