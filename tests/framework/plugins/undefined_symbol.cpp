#include <sheafline/plugin.h>

namespace marks {
int readAll(int sheet);  // not defined anywhere
}

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "undefined_symbol",
    .version = "1.0.0",
    .summary = "calls what is nowhere",
    .stage = "testing",
    .weight = 1,
    .make_stage = [](sheafline::Params&) -> std::unique_ptr<sheafline::Stage> {
        if (marks::readAll(1) > 0) return nullptr;
        return nullptr;
    }};
