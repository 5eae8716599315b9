#include <dlfcn.h>
#include <stdexcept>
#include <string>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/testing/plugin_file.h>

namespace sheafline::testing {

namespace {

ParamValues valuesOf(const GivenParams& given) {
    ParamValues values;
    for (const auto& [name, param] : given) values[name] = param.value;
    return values;
}

template <typename Made>
std::unique_ptr<Made> make(std::unique_ptr<Made> (*maker)(Params&), ParamValues values,
                           const std::filesystem::path& base) {
    Params params(std::move(values), base);
    std::unique_ptr<Made> made = maker(params);
    params.requireAllRead();
    return made;
}

}  // namespace

PluginFile::PluginFile(const std::filesystem::path& file) : descriptor_(nullptr) {
    // A path with a '/': dlopen() searches the folders of the system for a plain name.
    void* library =
        ::dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* symbol = library == nullptr ? nullptr : ::dlsym(library, "sheafline_plugin");
    if (symbol == nullptr) {
        throw ConfigError("cannot load " + file.string() + " as a plugin: " + ::dlerror() +
                          "; `sheafline plugins doctor FILE` says more");
    }
    descriptor_ = static_cast<const PluginDescriptor*>(symbol);
}

void PluginFile::require(PluginKind kind) const {
    if (descriptor_->kind == kind) return;
    throw std::logic_error(std::string(descriptor_->name) + " is a " +
                           std::string(toString(descriptor_->kind)) + ", not a " +
                           std::string(toString(kind)));
}

std::unique_ptr<Stage> PluginFile::makeStage(const GivenParams& params,
                                             const std::filesystem::path& base) const {
    require(PluginKind::stage);
    return make(descriptor_->make_stage, valuesOf(params), base);
}

std::unique_ptr<Sink> PluginFile::makeSink(const GivenParams& params,
                                           const std::filesystem::path& base) const {
    require(PluginKind::sink);
    return make(descriptor_->make_sink, valuesOf(params), base);
}

std::unique_ptr<Processor> PluginFile::makeProcessor(const GivenParams& params,
                                                     const std::filesystem::path& base) const {
    return makeProcessor(valuesOf(params), base);
}

std::unique_ptr<Processor> PluginFile::makeProcessor(const ParamValues& params,
                                                     const std::filesystem::path& base) const {
    require(PluginKind::processor);
    return make(descriptor_->make_processor, params, base);
}

}  // namespace sheafline::testing
