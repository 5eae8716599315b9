// A processor that misbehaves at one sheet, or at its start or end.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <unistd.h>
#include <vector>

#include <sheafline/plugin.h>

#include "misbehaviour.h"

namespace {

using namespace sheafline;
using namespace sheafline::test;

struct Options {
    std::string act;
    std::int64_t on;
    std::string pids;  // a file with one line for each sheet: the worker's pid

    explicit Options(Params& p)
        : act(p.choice(
              "act", {.help = "what to do",
                      .required = true,
                      .choices = {"throw_int", "segv", "abort", "exit", "_exit", "overflow", "stop",
                                  "fork", "fork_and_die", "huge", "socket", "bad_values", "leak",
                                  "files", "surroundings", "hang_at_start", "hang_at_end"}})),
          on(p.integer("on", {.help = "number of the sheet", .default_value = "3"})),
          pids(p.string("pids", {.help = "file for pids", .default_value = ""})) {}
};

class Nasty : public Processor {
 public:
    explicit Nasty(Params& params) : options_(params) {
        if (options_.act == "hang_at_start") hang();
    }
    ~Nasty() override {
        if (options_.act == "hang_at_end") hang();
    }

    std::vector<std::string> columns() const override { return {"square", "more"}; }

    Reading process(const SheetTask& task) override {
        if (!options_.pids.empty())
            std::ofstream(options_.pids, std::ios::app) << ::getpid() << '\n';
        Reading reading{.values = {"", "-"}};
        if (options_.act == "leak") leak_.emplace_back(std::size_t{10} << 20U, 'x');
        if (task.number == options_.on) act(reading);
        std::int64_t value = 0;
        std::ifstream(task.path) >> value;
        reading.values[0] = std::to_string(value * value);
        return reading;
    }

 private:
    void act(Reading& reading) {
        const std::string& act = options_.act;
        if (act == "throw_int") throw 7;
        if (act == "segv" || act == "fork_and_die") {
            if (act == "fork_and_die") leaveChildBehind();
            ::raise(SIGSEGV);
        }
        if (act == "abort") std::abort();
        if (act == "exit") std::exit(0);
        if (act == "_exit") ::_exit(9);
        char bottom = 1;
        if (act == "overflow") reading.values[1] = std::to_string(overflow(&bottom));
        if (act == "stop") ::raise(SIGSTOP);
        if (act == "fork") leaveChildBehind();
        if (act == "huge") reading.evidence.assign(std::size_t{300} << 20U, 'x');
        if (act == "socket") writeIntoSocket();
        if (act == "bad_values") {
            reading.values[1] = std::string("\xff\0bad", 5);
            reading.flags = "\xc3(";
            reading.confidence = std::numeric_limits<double>::quiet_NaN();
        }
        if (act == "files") reading.values[1] = std::to_string(filesThatOpen());
        if (act == "surroundings") {
            changeSurroundings();
            ::signal(SIGCHLD, SIG_IGN);
        }
    }

    const Options options_;
    std::vector<std::vector<char>> leak_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = PluginKind::processor,
                                                   .name = "nasty",
                                                   .version = "1.0.0",
                                                   .summary = "does what no processor should",
                                                   .params = paramsOf<Options>,
                                                   .make_processor = makeProcessor<Nasty>};
