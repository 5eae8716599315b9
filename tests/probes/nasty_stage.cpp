// A stage that misbehaves in the process that all stages of its batch share.
#include <csignal>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>
#include <unistd.h>

#include <sheafline/plugin.h>

#include "misbehaviour.h"

namespace {

using namespace sheafline;
using namespace sheafline::test;

struct Options {
    std::string act;

    explicit Options(Params& p)
        : act(p.choice("act", {.help = "what to do",
                               .required = true,
                               .choices = {"throw_in_thread", "throw_in_destructor", "abort",
                                           "exit", "_exit", "overflow", "fork", "fork_and_die",
                                           "forks", "eat", "files", "surroundings", "nonsense",
                                           "socket", "hang_at_start", "hang_at_end", "hang"}})) {}
};

[[noreturn]] void fall() { throw 7; }

// Its destructor runs when the process ends.
struct AtEnd {
    bool hangs = false;
    ~AtEnd() {
        if (hangs) hang();
    }
};

class Nasty : public Stage {
 public:
    explicit Nasty(Params& params) : options_(params) {
        if (options_.act == "hang_at_start") hang();
    }
    ~Nasty() override {
        if (ran_ && options_.act == "throw_in_destructor") fall();
    }

    void run(StageRun& run) override {
        ran_ = true;
        const std::string& act = options_.act;
        if (act == "throw_in_thread") std::thread(fall).join();
        if (act == "abort") std::abort();
        if (act == "exit") std::exit(0);
        if (act == "_exit") ::_exit(0);
        char bottom = 1;
        if (act == "overflow") run.log().info(std::to_string(overflow(&bottom)));
        if (act == "fork" || act == "fork_and_die") leaveChildBehind();
        if (act == "fork_and_die") ::raise(SIGSEGV);
        if (act == "forks") {
            for (int i = 0; i < 1'200; ++i) leaveChildBehind();
            hang();
        }
        if (act == "eat") eat();
        if (act == "files")
            throw Error(ErrorClass::permanent, "FILES", std::to_string(filesThatOpen()) + " files");
        if (act == "surroundings") changeSurroundings();
        if (act == "nonsense") nonsense(run.progress());
        if (act == "socket") writeIntoSocket();
        static AtEnd at_end;
        at_end.hangs = act == "hang_at_end";
        if (act == "hang") hang();
    }

 private:
    // 200 %, backward, not a number, ten megabytes, and after its end.
    static void nonsense(ProgressPublisher& progress) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        constexpr double infinity = std::numeric_limits<double>::infinity();
        for (int i = 0; i < 100'000; ++i)
            progress.publish({.message = "more than all", .done = 200, .total = 100});
        progress.publish({.message = "back", .done = 1, .total = 100});
        progress.publish({.message = "bad \xff\xfe text\x01\n", .done = nan, .total = -infinity});
        progress.publish(
            {.message = std::string(std::size_t{10} << 20U, 'm'), .done = 3, .total = 2});
        progress.publish({.message = "the end", .done = 100, .total = 100});
        progress.publish({.message = "after the end", .done = 0, .total = 1e300});
    }

    const Options options_;
    bool ran_ = false;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = PluginKind::stage,
                                                   .name = "nasty_stage",
                                                   .version = "1.0.0",
                                                   .summary = "does what no stage should",
                                                   .stage = "being_nasty",
                                                   .restart = Restart::from_scratch,
                                                   .params = paramsOf<Options>,
                                                   .make_stage = makeStage<Nasty>};
