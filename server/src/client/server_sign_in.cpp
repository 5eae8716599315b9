#include "client/server_sign_in.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <sheafline/error.h>

#include "terminal/password_prompt.h"

namespace sheafline {

namespace {

std::string tokenIn(const std::string& file) {
    std::string line;
    if (file == "-") {
        std::getline(std::cin, line);
    } else {
        std::ifstream in(file);
        if (!in) throw ConfigError("cannot read the token file " + file);
        std::getline(in, line);
    }
    Poco::trimInPlace(line);
    if (line.empty()) throw ConfigError("there is no token in " + file);
    return line;
}

std::string encoded(const std::string& text) {
    std::string form;
    Poco::URI::encode(text, "&=+#/?%;", form);
    return form;
}

std::string tokenFor(const RemoteServer& server, const std::string& user) {
    if (!server.encrypted() && !server.isLoopback())
        std::cerr << "warning: " << server.url() << " is not encrypted: others on the network can "
                  << "read the password\n";
    const std::string form =
        "username=" + encoded(user) + "&password=" + encoded(readPassword(user));
    const HttpAnswer answer =
        server.send({.method = "POST",
                     .path = "/api/auth/login",
                     .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                     .body = form});
    if (answer.status == 401) throw ConfigError("user name or password is wrong");
    if (answer.status != 200) throwRejection(answer);
    try {
        return Poco::JSON::Parser()
            .parse(answer.body)
            .extract<Poco::JSON::Object::Ptr>()
            ->getValue<std::string>("access_token");
    } catch (const Poco::Exception&) {
        throw ConfigError(server.url() + " does not answer as a Sheafline server");
    }
}

}  // namespace

RemoteServer signedIn(const ServerOptions& options, const TlsFiles& files) {
    RemoteServer server(options.url, files);
    if (options.user && options.token_file)
        throw ConfigError("use either --user or --token-file, not both");
    const char* token = std::getenv("SHEAFLINE_TOKEN");
    if (options.token_file) {
        server.authorize(tokenIn(*options.token_file));
    } else if (options.user) {
        server.authorize(tokenFor(server, *options.user));
    } else if (token != nullptr && *token != '\0') {
        server.authorize(token);
    }
    return server;
}

}  // namespace sheafline
