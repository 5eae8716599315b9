// The folder of one group: each of its sheets under its number, as a hard link to the file that was
// extracted.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sheafline/sheets.h>

namespace sheafline::organize_qr {

// A file name that no other group has, made of harmless letters: what is not one reads %2F.
std::string folderName(std::string_view group);

// Throws Error.
void linkSheet(const std::filesystem::path& group_folder, const Sheet& sheet);

}  // namespace sheafline::organize_qr
