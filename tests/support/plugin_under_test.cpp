#include "plugin_under_test.h"

#include <sheafline/testing/plugin_file.h>

namespace sheafline::test {

const PluginDescriptor& pluginUnderTest(const std::string& name) {
    return testing::PluginFile(SHEAFLINE_BINARY_DIR "/plugins/" + name + ".so").descriptor();
}

std::unique_ptr<Stage> makeStage(const std::string& name, ParamValues params) {
    Params values(std::move(params));
    std::unique_ptr<Stage> stage = pluginUnderTest(name).make_stage(values);
    values.requireAllRead();
    return stage;
}

std::unique_ptr<Sink> makeSink(const std::string& name, ParamValues params) {
    Params values(std::move(params));
    std::unique_ptr<Sink> sink = pluginUnderTest(name).make_sink(values);
    values.requireAllRead();
    return sink;
}

}  // namespace sheafline::test
