// Scripts that complete commands, options and values in a shell.
#pragma once

#include <string>

#include "manuals/command_entry.h"

namespace sheafline {

std::string bashCompletion(const CommandEntry& program);
std::string zshCompletion(const CommandEntry& program);
std::string fishCompletion(const CommandEntry& program);

}  // namespace sheafline
