#include "client/batch_screen.h"

#include <csignal>
#include <poll.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/params.h>

namespace sheafline {

namespace {

bool outputIsGone() {
    pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

std::unique_ptr<Sink> makeConsole(const PluginCatalog& plugins, bool json) {
    const PluginEntry* console = plugins.find(PluginKind::sink, "console");
    if (console == nullptr) return nullptr;
    Params params({{"mode", {.text = json ? "json" : "auto"}}});
    return console->descriptor->make_sink(params);
}

BatchScreen::BatchScreen(const PluginCatalog& plugins, bool json)
    : console_(makeConsole(plugins, json)) {
    ::signal(SIGPIPE, SIG_IGN);  // a closed connection is an error to handle, not a reason to die
}

ShowEvents BatchScreen::show() const {
    return [this](std::span<const CommittedEvent> events) {
        if (console_) console_->deliver(events);
        if (outputIsGone())
            throw Error(ErrorClass::permanent, "OUTPUT_GONE",
                        "the reader of standard output has closed it");
    };
}

}  // namespace sheafline
