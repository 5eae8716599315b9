// A built plugin, loaded as the program loads it. Copies refer to the same plugin. Any thread.
//
//     const PluginFile plugin("build/list_sheets.so");
//     const auto stage = plugin.makeStage({{"file", "all.txt"}});
#pragma once

#include <filesystem>
#include <memory>

#include <sheafline/plugin.h>
#include <sheafline/testing/given_params.h>

namespace sheafline::testing {

class PluginFile {
 public:
    // Throws ConfigError if the file is not a plugin.
    explicit PluginFile(const std::filesystem::path& file);

    const PluginDescriptor& descriptor() const { return *descriptor_; }

    // Relative paths among the params start at `base`. Each throws ConfigError for a param that is
    // unknown, missing or wrong, and std::logic_error for a plugin of another kind.
    std::unique_ptr<Stage> makeStage(const GivenParams& params,
                                     const std::filesystem::path& base = {}) const;
    std::unique_ptr<Sink> makeSink(const GivenParams& params,
                                   const std::filesystem::path& base = {}) const;
    std::unique_ptr<Processor> makeProcessor(const GivenParams& params,
                                             const std::filesystem::path& base = {}) const;
    std::unique_ptr<Processor> makeProcessor(const ParamValues& params,
                                             const std::filesystem::path& base) const;

 private:
    void require(PluginKind kind) const;

    const PluginDescriptor* descriptor_;
};

}  // namespace sheafline::testing
