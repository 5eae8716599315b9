// --server, --user and --token-file of the commands that talk to a server.
#pragma once

#include "client/server_sign_in.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sheafline {

CLI::Option& addServerOptions(CLI::App& command, ServerOptions& server);  // gives --server

}  // namespace sheafline
