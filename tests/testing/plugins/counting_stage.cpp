// Writes one line for each sheet. With `careful` it continues from its checkpoint; without, it
// appends to what is there, so a kill between two sheets leaves lines twice.
#include <fstream>

#include <sheafline/durable_file.h>
#include <sheafline/plugin.h>

namespace {

class CountingStage : public sheafline::Stage {
 public:
    explicit CountingStage(sheafline::Params& params)
        : careful_(params.boolean(
              "careful", {.help = "continue from the checkpoint", .default_value = "true"})) {}

    void run(sheafline::StageRun& run) override {
        if (careful_)
            writeCarefully(run);
        else
            append(run);
        run.artifact({.name = "list.txt", .path = run.folder() / "list.txt"});
    }

 private:
    static std::string line(const sheafline::Sheet& sheet) {
        return sheet.file + ' ' + std::to_string(std::filesystem::file_size(sheet.path)) + '\n';
    }

    static void writeCarefully(sheafline::StageRun& run) {
        const int total = static_cast<int>(run.sheets().size());
        const std::string state = run.checkpoint().value_or("0 0");
        int done = std::stoi(state);
        std::uint64_t bytes = std::stoull(state.substr(state.find(' ')));
        if (std::filesystem::exists(run.folder() / "list.txt") ||
            std::filesystem::exists(run.batchFolder() / "artifacts" / "list.txt")) {
            done = 0;
            bytes = 0;
        }
        sheafline::DurableFile file(run.folder() / "list.txt", bytes);
        for (int number = done + 1; number <= total; ++number) {
            sheafline::throwIfStopped(run.stop());
            file.write(line(run.sheets().at(number)));
            run.progress().publish(
                {.message = "Counting", .done = 1.0 * number, .total = 1.0 * total});
            file.sync();
            run.checkpoint(std::to_string(number) + ' ' + std::to_string(file.size()));
        }
        file.publish();
    }

    static void append(sheafline::StageRun& run) {
        std::ofstream file(run.folder() / "list.txt", std::ios::app);
        for (int number = 1; number <= static_cast<int>(run.sheets().size()); ++number) {
            file << line(run.sheets().at(number)) << std::flush;
            run.checkpoint(std::to_string(number));
        }
    }

    const bool careful_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "counting_stage",
    .version = "1.0.0",
    .summary = "lists the sheets with their sizes",
    .stage = "counting",
    .restart = sheafline::Restart::from_checkpoint,
    .params = sheafline::paramsOf<CountingStage>,
    .make_stage = sheafline::makeStage<CountingStage>};
