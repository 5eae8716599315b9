// A password from a person: asked for twice on a terminal, without showing it; else the first line
// of standard input. Throws ConfigError where there is none, or the two differ.
#pragma once

#include <string>

namespace sheafline {

std::string readNewPassword(const std::string& user);

}  // namespace sheafline
