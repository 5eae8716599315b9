// Names of ZIP entries, in UTF-8. No file is ever created under one; but an archive whose names
// leave their folder is hostile or broken, and the names are shown to people.
#pragma once

#include <string>
#include <string_view>

namespace sheafline::extract {

// Why an honest archive has no such name: "leaves its folder"; empty for a good one. `dos` says
// that the archive was made on a host with drive letters; its '\' are '/' already.
std::string_view nameError(std::string_view name, bool dos);

// For a message: control characters and malformed UTF-8 escaped, long names cut, in quotes.
std::string quotedName(std::string_view name);

}  // namespace sheafline::extract
