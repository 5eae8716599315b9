#include "plugins/loaded_plugin.h"

#include <dlfcn.h>

#include <sheafline/error.h>

namespace sheafline {

const PluginDescriptor& loadedPlugin(const std::string& file) {
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* symbol = library == nullptr ? nullptr : ::dlsym(library, "sheafline_plugin");
    if (symbol == nullptr) throw ConfigError("cannot load " + file + ": " + ::dlerror());
    return *static_cast<const PluginDescriptor*>(symbol);
}

}  // namespace sheafline
