// The section of this version, with a descriptor that states another one.
#include <sheafline/plugin.h>

const sheafline::PluginDescriptor sheafline_plugin{.abi = 98, .name = "lying_abi"};
