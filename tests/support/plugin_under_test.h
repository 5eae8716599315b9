// A stage or a sink from its built plugin, as the program would load it.
#pragma once

#include <memory>
#include <string>

#include <sheafline/plugin.h>

namespace sheafline::test {

const PluginDescriptor& pluginUnderTest(const std::string& name);
std::unique_ptr<Stage> makeStage(const std::string& name, ParamValues params);
std::unique_ptr<Sink> makeSink(const std::string& name, ParamValues params);

}  // namespace sheafline::test
