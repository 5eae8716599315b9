// The stage `plugin_name`: writes a CSV file with the size of each sheet's file.
#include <filesystem>

#include <sheafline/csv.h>
#include <sheafline/durable_file.h>
#include <sheafline/plugin.h>

namespace {

class PluginName : public sheafline::Stage {
 public:
    // Reads each param once and does nothing else.
    explicit PluginName(sheafline::Params& params)
        : file_(params.string("file", {.help = "name of the CSV file",
                                       .default_value = "plugin_name.csv",
                                       .pattern = "^[A-Za-z0-9_-]+\\.csv$"})) {}

    void run(sheafline::StageRun& run) override {
        const int total = static_cast<int>(run.sheets().size());
        sheafline::DurableFile file(run.folder() / file_);
        file.write("file,bytes\n");
        for (int number = 1; number <= total; ++number) {
            sheafline::throwIfStopped(run.stop());
            const sheafline::Sheet sheet = run.sheets().at(number);
            // The path is empty for a sheet that could not be extracted.
            const auto bytes = sheet.path.empty() ? 0 : std::filesystem::file_size(sheet.path);
            file.write(sheafline::csvLine({{sheet.file, std::to_string(bytes)}}));
            run.progress().publish(
                {.message = "Measuring sheets", .done = 1.0 * number, .total = 1.0 * total});
        }
        file.publish();
        run.artifact({.name = file_, .path = run.folder() / file_});
    }

 private:
    const std::string file_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "plugin_name",
    .version = "1.0.0",
    .summary = "writes the size of each sheet's file",
    .stage = "plugin_name",
    .params = sheafline::paramsOf<PluginName>,
    .make_stage = sheafline::makeStage<PluginName>};
