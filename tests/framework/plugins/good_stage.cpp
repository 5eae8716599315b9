#include <memory>

#include <sheafline/plugin.h>

namespace {

class Nothing : public sheafline::Stage {
 public:
    explicit Nothing(sheafline::Params&) {}
    void run(sheafline::StageRun&) override {}
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "good_stage",
    .version = "1.0.0",
    .summary = "does nothing, well",
    .stage = "testing",
    .params = [] { return std::vector{sheafline::ParamSpec{.name = "speed", .help = "how fast"}}; },
    .make_stage = sheafline::makeStage<Nothing>};
