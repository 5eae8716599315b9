// A sink that misbehaves on the thread that feeds it.
#include <csignal>
#include <stdexcept>
#include <string>

#include <sheafline/plugin.h>

#include "misbehaviour.h"

namespace {

using namespace sheafline;
using namespace sheafline::test;

struct Options {
    std::string act;
    std::string password;

    explicit Options(Params& p)
        : act(p.choice("act",
                       {.help = "what to do",
                        .required = true,
                        .choices = {"hang_at_start", "hang_at_attach", "hang", "hang_at_close",
                                    "segv", "exit", "socket", "stop", "throw_int"}})),
          password(p.string("password", {.help = "a secret that it gets", .default_value = ""})) {}
};

class Nasty : public Sink {
 public:
    explicit Nasty(Params& params) : options_(params) {
        if (options_.act == "hang_at_start") hang();
    }
    ~Nasty() override {
        if (options_.act == "hang_at_close") hang();
    }
    void attach(SinkHistory& /*history*/) override {
        if (options_.act == "hang_at_attach") hang();
    }
    void deliver(std::span<const CommittedEvent> /*events*/) override {
        const std::string& act = options_.act;
        if (act == "hang") hang();
        if (act == "segv") ::raise(SIGSEGV);
        if (act == "exit") std::exit(0);
        if (act == "socket") writeIntoSocket();
        if (act == "stop") ::raise(SIGSTOP);
        if (act == "throw_int") throw 42;
    }

 private:
    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = PluginKind::sink,
                                                   .name = "nasty_sink",
                                                   .version = "1.0.0",
                                                   .summary = "does what no sink should",
                                                   .params = paramsOf<Options>,
                                                   .make_sink = makeSink<Nasty>};
