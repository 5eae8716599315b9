#include <stdexcept>

#include <sheafline/plugin.h>

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::sink,
    .name = "throwing_params",
    .version = "1.0.0",
    .summary = "cannot even list its params",
    .params = []() -> std::vector<sheafline::ParamSpec> {
        throw std::runtime_error("no such table");
    },
    .make_sink = [](sheafline::Params&) { return std::unique_ptr<sheafline::Sink>(); }};
