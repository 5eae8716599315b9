// KEY=VALUE of --set. Throws ConfigError.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace sheafline {

std::map<std::string, std::string> givenParams(const std::vector<std::string>& pairs);

}  // namespace sheafline
