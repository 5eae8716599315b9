// Counts the sheets of each class, so that a school immediately sees which are missing.
#include <map>

#include <sheafline/durable_file.h>
#include <sheafline/plugin.h>

class CountClasses : public sheafline::Stage {
 public:
    explicit CountClasses(sheafline::Params& params)
        : heading_(params.string("heading", {.help = "first column", .default_value = "class"})) {}

    void run(sheafline::StageRun& run) override {
        const int total = static_cast<int>(run.sheets().size());
        std::map<std::string, int> classes;
        for (int n = 1; n <= total; ++n) {
            sheafline::throwIfStopped(run.stop());
            ++classes[run.sheets().at(n).group];
            run.progress().publish({.message = "Counting", .done = 1.0 * n, .total = 1.0 * total});
        }
        sheafline::DurableFile csv(run.folder() / "classes.csv");
        csv.write(heading_ + ",sheets\n");
        for (const auto& [name, n] : classes) csv.write(name + "," + std::to_string(n) + "\n");
        csv.publish();
        run.artifact({.name = "classes.csv", .path = run.folder() / "classes.csv"});
    }

 private:
    std::string heading_;
};

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "count_classes",
    .version = "1.0.0",
    .summary = "counts the sheets of each class",
    .stage = "counting_classes",
    .params = sheafline::paramsOf<CountClasses>,
    .make_stage = sheafline::makeStage<CountClasses>};
