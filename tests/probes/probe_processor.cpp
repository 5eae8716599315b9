// A processor that reads the number in a file, and fails on the numbers that a test names.
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sheafline/plugin.h>

#ifndef PROBE_VERSION
#define PROBE_VERSION "1.0.0"
#endif

namespace {

using namespace sheafline;

struct Options {
    std::int64_t crash, hang, eat, fail, refuse, bulk, valueless;
    std::string calls;
    std::filesystem::path plus;
    std::chrono::milliseconds pause;

    explicit Options(Params& p)
        : crash(p.integer("crash", {.help = "number to crash on", .default_value = "0"})),
          hang(p.integer("hang", {.help = "number to hang on", .default_value = "0"})),
          eat(p.integer("eat", {.help = "number to eat memory on", .default_value = "0"})),
          fail(p.integer("fail", {.help = "number to throw on", .default_value = "0"})),
          refuse(p.integer("refuse",
                           {.help = "number to refuse, without a code", .default_value = "0"})),
          bulk(p.integer("bulk", {.help = "bytes of evidence", .default_value = "0"})),
          valueless(p.integer("valueless",
                              {.help = "number to give no value for", .default_value = "0"})),
          calls(p.string("calls", {.help = "file that gets a line a call", .default_value = ""})),
          plus(p.path("plus", {.help = "file with a number to add to each", .default_value = ""})),
          pause(p.duration("pause", {.help = "time for a sheet", .default_value = "0ms"})) {}
};

class Probe : public Processor {
 public:
    explicit Probe(Params& params) : options_(params) {}

    std::vector<std::string> columns() const override { return {"square"}; }

    Reading process(const SheetTask& task) override {
        if (!options_.calls.empty())
            std::ofstream(options_.calls, std::ios::app) << task.number << '\n';
        std::this_thread::sleep_for(options_.pause);
        if (task.number == options_.crash) ::raise(SIGSEGV);
        if (task.number == options_.hang) std::this_thread::sleep_for(std::chrono::hours(1));
        if (task.number == options_.eat) eat();
        if (task.number == options_.fail) throw std::runtime_error("thrown as asked");
        if (task.number == options_.valueless) return {};
        if (task.number == options_.refuse && task.qr.empty())
            return {.confidence = 0, .reason = "refused as asked"};
        std::int64_t value = 0;
        if (!(std::ifstream(task.path) >> value)) throw std::runtime_error("cannot read its file");
        std::int64_t plus = 0;
        if (!options_.plus.empty()) std::ifstream(options_.plus) >> plus;
        return {.values = {std::to_string(value * value + plus)},
                .evidence = std::string(static_cast<std::size_t>(options_.bulk), '.')};
    }

 private:
    static void eat() {
        std::vector<std::vector<char>> meal;
        while (true) meal.emplace_back(std::size_t{16} << 20U, 'x');
    }

    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = PluginKind::processor,
                                                   .name = "probe",
                                                   .version = PROBE_VERSION,
                                                   .summary = "squares the number in a file",
                                                   .params = paramsOf<Options>,
                                                   .make_processor = makeProcessor<Probe>};
