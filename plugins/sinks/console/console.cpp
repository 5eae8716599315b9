// The console: progress bars on a terminal, lines if standard output is a pipe or a file, or the
// events themselves. If the terminal disappears, the sink stops writing and the batch continues.
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <variant>

#include <Poco/Exception.h>

#include <sheafline/plugin.h>

#include "plain_lines.h"
#include "progress_bars.h"
#include "shown_event.h"

namespace sheafline::console {

namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

TerminalSize terminalSize() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
    return {size.ws_col, size.ws_row};
}

// Chooses as setlocale() would, but does not call it: a plugin must not change the process's
// locale.
bool speaksUtf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string_view value = environment(name);
        if (value.empty()) continue;
        return value.find("UTF-8") != std::string_view::npos ||
               value.find("utf8") != std::string_view::npos;
    }
    return false;
}

struct EventBytes {};  // mode json: the bytes of the history

using View = std::variant<EventBytes, PlainLines, ProgressBars>;

View makeView(const std::string& mode) {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb";
    if (mode == "json") return EventBytes{};
    if (mode == "bars" || (mode == "auto" && terminal)) {
        // https://no-color.org: set and not empty.
        return View(
            std::in_place_type<ProgressBars>,
            TerminalStyle{.colours = environment("NO_COLOR").empty(), .blocks = speaksUtf8()});
    }
    return PlainLines{};
}

class Console : public Sink {
 public:
    explicit Console(Params& params)
        : view_(makeView(
              params.choice("mode", {.help = "bars for a terminal, lines for a log, json for "
                                             "programs; auto is bars or lines",
                                     .default_value = "auto",
                                     .choices = {"auto", "bars", "lines", "json"}}))) {}

    void deliver(std::span<const CommittedEvent> events) override {
        std::string bytes;
        for (const CommittedEvent& event : events) {
            if (std::holds_alternative<EventBytes>(view_)) {
                bytes += event.json + "\n";
                continue;
            }
            bytes += shown(event.json);
        }
        if (auto* bars = std::get_if<ProgressBars>(&view_)) bytes += bars->draw(terminalSize());
        print(bytes);
    }

 private:
    std::string shown(const std::string& json) {
        const ShownEvent event = parseEvent(json);
        if (auto* lines = std::get_if<PlainLines>(&view_)) return lines->take(event);
        std::get<ProgressBars>(view_).take(event);
        return {};
    }

    void print(std::string_view bytes) {
        while (!bytes.empty() && !gone_) {
            const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            gone_ = count < 0;
            if (!gone_) bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    View view_;
    bool gone_ = false;
};

}  // namespace

}  // namespace sheafline::console

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::sink,
    .name = "console",
    .version = "1.0.0",
    .summary = "shows a batch's progress on standard output",
    .params = sheafline::paramsOf<sheafline::console::Console>,
    .make_sink = sheafline::makeSink<sheafline::console::Console>};
