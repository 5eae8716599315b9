// The origin of a web page, as browsers send it: scheme, host, and a port that is not the default.
#pragma once

#include <string>

namespace sheafline {

// Throws ConfigError with the right form for a text that no browser sends as an origin.
void requireOrigin(const std::string& text);

}  // namespace sheafline
