#include "plugin_under_test.h"

#include <dlfcn.h>
#include <stdexcept>

namespace sheafline::test {

const PluginDescriptor& pluginUnderTest(const std::string& name) {
    const std::string file = SHEAFLINE_BINARY_DIR "/plugins/" + name + ".so";
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) throw std::runtime_error(::dlerror());
    void* door = ::dlsym(library, "sheafline_plugin");
    if (door == nullptr) throw std::runtime_error(::dlerror());
    return *static_cast<const PluginDescriptor*>(door);
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
