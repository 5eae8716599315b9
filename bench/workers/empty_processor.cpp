// A processor that does nothing, to measure the round trip of a sheet.
#include <sheafline/plugin.h>

namespace {

using namespace sheafline;

struct Options {
    explicit Options(Params&) {}
};

class Empty : public Processor {
 public:
    explicit Empty(Params&) {}
    std::vector<std::string> columns() const override { return {"number"}; }
    Reading process(const SheetTask& task) override {
        return {.values = {std::to_string(task.number)}};
    }
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::processor,
    .name = "empty",
    .version = "1.0.0",
    .summary = "answers each sheet with its number",
    .params = sheafline::paramsOf<Options>,
    .make_processor = sheafline::makeProcessor<Empty>};
