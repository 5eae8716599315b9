// How an archive is rejected: an Error of class permanent whose text begins with the archive's
// name.
#pragma once

#include <string>
#include <string_view>

namespace sheafline::extract {

// "scans.zip is cut off; send it again"
[[noreturn]] void rejectArchive(const std::string& archive, const char* code,
                                const std::string& reason);

// "scans.zip is rejected: its entry 'a.jpg' is encrypted; pack it without a password"
[[noreturn]] void rejectEntry(const std::string& archive, const char* code,
                              std::string_view entry_name, const std::string& reason);

}  // namespace sheafline::extract
