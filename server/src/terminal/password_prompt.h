// A password from a person: asked for on a terminal, without showing it; else the first line of
// standard input. Throws ConfigError where there is none.
#pragma once

#include <string>

namespace sheafline {

std::string readPassword(const std::string& user);
// Asked for twice on a terminal; throws ConfigError where the two differ.
std::string readNewPassword(const std::string& user);

}  // namespace sheafline
