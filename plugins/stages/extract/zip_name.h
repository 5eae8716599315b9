// Names of ZIP entries. On disk none of them is ever used, so what is refused here would be
// harmless to us; but an archive that tries is hostile or broken, and the name is shown to people.
#pragma once

#include <string>
#include <string_view>

namespace sheafline::extract {

// Why a name cannot be in an honest archive: "leaves its folder"; empty for a good one.
std::string_view nameFault(std::string_view name);

// UTF-8 of a name: as it stands where it is valid UTF-8, else decoded as code page 437, which is
// what the format means where nothing says otherwise.
std::string nameAsUtf8(std::string_view name);

// For a message: control characters escaped, long names cut, in quotes.
std::string quotedName(std::string_view utf8_name);

}  // namespace sheafline::extract
