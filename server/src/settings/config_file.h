// The configuration file. Every error names its line.
//
//     file    = *( line LF )
//     line    = *WS [ key *WS "=" *WS [ value ] ] [ comment ]
//     key     = 1*( letter / digit / "-" / "_" / "." )
//     value   = DQUOTE *any DQUOTE / text       quotes keep spaces and "#"
//     comment = "#" text                        at the start of a line or after a space
//
// A key may be set once.
#pragma once

#include <string>
#include <vector>

namespace sheafline {

struct ConfigLine {
    int line = 0;  // 1-based
    std::string key{};
    std::string value{};
};

// Both throw ConfigError.
std::vector<ConfigLine> readConfigFile(const std::string& file);
std::vector<ConfigLine> parseConfig(const std::string& text, const std::string& file);

}  // namespace sheafline
