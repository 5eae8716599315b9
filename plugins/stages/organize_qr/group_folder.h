// The folder of one group: each of its sheets, named by its number, as a hard link to the extracted
// file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sheafline/sheets.h>

namespace sheafline::organize_qr {

// A unique file name for the group, made of harmless characters; others are escaped, as %2F.
std::string folderName(std::string_view group);

// Throws Error.
void linkSheet(const std::filesystem::path& group_folder, const Sheet& sheet);

}  // namespace sheafline::organize_qr
