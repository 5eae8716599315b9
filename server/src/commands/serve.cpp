// `serve`: the server until a signal ends it.
#include <iostream>

#include "base/stderr_log.h"
#include "commands/commands.h"
#include "commands/exit_status.h"
#include "commands/signals.h"
#include "serving/server.h"

namespace sheafline {

namespace {

constexpr std::chrono::milliseconds kPatience{500};

// What was loaded stays where the file is wrong now.
void reload(Server& server, const std::function<Settings()>& read, Log& log) {
    try {
        server.reload(read().serve);
    } catch (const std::exception& error) {
        log.error(std::string("the configuration stays as it was: ") + error.what());
    }
}

}  // namespace

int serveCommand(const std::function<Settings()>& read, const Settings& settings) {
    const Signals signals({SIGINT, SIGTERM, SIGHUP});
    StderrLog log(logLevel(settings.log_level), "");
    Server server(settings, log);
    if (const auto& password = server.firstPassword()) {
        std::cout << "first start: sign in as 'admin' with the password " << *password
                  << "\nIt is not shown again; change it with: sheafline user passwd admin\n";
    }
    std::cout << "listening on " << server.url() << std::endl;
    while (true) {
        const int signal = signals.take(kPatience);
        if (signal == SIGHUP) reload(server, read, log);
        if (signal == SIGINT || signal == SIGTERM) break;
    }
    server.stop([&] {
        const int signal = signals.take();
        return signal == SIGINT || signal == SIGTERM;
    });
    return kDone;
}

}  // namespace sheafline
