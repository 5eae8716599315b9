#include "command_parts/given_params.h"

#include <sheafline/error.h>

namespace sheafline {

std::map<std::string, std::string> givenParams(const std::vector<std::string>& pairs) {
    std::map<std::string, std::string> given;
    for (const std::string& pair : pairs) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw ConfigError("--set requires KEY=VALUE, not '" + pair + "'");
        }
        given[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return given;
}

}  // namespace sheafline
