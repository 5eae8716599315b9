// How a command signs in to a server: with a token from a file or the environment, or with a name
// and the password that it asks for. A secret is never an argument, because other users of the
// machine can read those.
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

// Signs in if a name or token was given; otherwise the first answer of the server says what it
// requires. Throws ConfigError if the server rejects the sign-in.
RemoteServer signedIn(const ServerOptions& options, const TlsFiles& files);

}  // namespace sheafline
