// How a command shows a server who it is: a token from a file or the environment, or a name with
// the password asked for. A secret never stands on the command line, where other users of the
// machine can read it.
#pragma once

#include <optional>
#include <string>

#include "client/remote_server.h"

namespace sheafline {

struct ServerOptions {
    std::string url{};
    std::optional<std::string> user{};
    std::optional<std::string> token_file{};  // "-" is standard input
};

// Signs in where something to sign in with was given; else the server's first answer says what is
// wanted. Throws ConfigError where it is refused.
RemoteServer signedIn(const ServerOptions& options);

}  // namespace sheafline
