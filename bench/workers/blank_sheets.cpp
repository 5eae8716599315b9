// A stage that lists a given number of sheets without files.
#include <sheafline/plugin.h>

namespace {

using namespace sheafline;

struct Options {
    std::int64_t count;

    explicit Options(Params& p)
        : count(p.integer("count", {.help = "how many", .default_value = "1000", .min = "1"})) {}
};

class BlankSheets : public Stage {
 public:
    explicit BlankSheets(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        if (run.sheets().frozen()) return;
        std::vector<Sheet> sheets;
        for (std::int64_t i = 1; i <= options_.count; ++i)
            sheets.push_back({.file = "sheet-" + std::to_string(i)});
        run.sheets().add(std::move(sheets));
        run.sheets().freeze();
    }

 private:
    const Options options_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{.kind = sheafline::PluginKind::stage,
                                                   .name = "blank_sheets",
                                                   .version = "1.0.0",
                                                   .summary = "lists sheets without files",
                                                   .stage = "listing",
                                                   .params = sheafline::paramsOf<Options>,
                                                   .make_stage = sheafline::makeStage<BlankSheets>};
