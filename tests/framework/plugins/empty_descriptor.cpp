#include <sheafline/plugin.h>

const sheafline::PluginDescriptor sheafline_plugin{};
