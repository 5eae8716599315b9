// Reads a password: from a terminal without showing it, else from the first line of standard input.
// Throws ConfigError if there is none.
#pragma once

#include <string>

namespace sheafline {

std::string readPassword(const std::string& user);
// Asks twice on a terminal; throws ConfigError if the two differ.
std::string readNewPassword(const std::string& user);

}  // namespace sheafline
