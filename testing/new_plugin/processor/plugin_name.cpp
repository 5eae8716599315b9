// The processor `plugin_name`: gives the size of a sheet's file.
#include <cstdint>
#include <filesystem>

#include <sheafline/plugin.h>

namespace {

class PluginName : public sheafline::Processor {
 public:
    // Reads each param once and does nothing else.
    explicit PluginName(sheafline::Params& params)
        : max_bytes_(params.size("max_bytes", {.help = "largest file", .default_value = "50MiB"})) {
    }

    std::vector<std::string> columns() const override { return {"bytes"}; }

    // The same sheet must always give the same reading. A reason quarantines the sheet.
    sheafline::Reading process(const sheafline::SheetTask& task) override {
        const std::uintmax_t bytes = std::filesystem::file_size(task.path);
        if (bytes > max_bytes_) return {.reason = "the file is larger than max_bytes"};
        return {.values = {std::to_string(bytes)}};
    }

 private:
    const std::uint64_t max_bytes_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::processor,
    .name = "plugin_name",
    .version = "1.0.0",
    .summary = "gives the size of each sheet's file",
    .confined = true,
    .params = sheafline::paramsOf<PluginName>,
    .make_processor = sheafline::makeProcessor<PluginName>};
