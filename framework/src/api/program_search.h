// The files that a program's name may mean. Any thread.
#pragma once

#include <string>
#include <vector>

namespace sheafline {

// In the order of the search: the name itself if it contains a '/', else it in each place of PATH.
// An empty place is the working folder of the program, as for the shell.
std::vector<std::string> programFiles(const std::string& name);

}  // namespace sheafline
