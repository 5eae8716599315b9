// The entry point of a plugin: one const struct, in a section that the loader reads without running
// any code of the plugin. Define it once, at global scope:
//
//     const sheafline::PluginDescriptor sheafline_plugin{
//         .kind = sheafline::PluginKind::stage,
//         .name = "count_files",
//         .version = "1.0.0",
//         .summary = "counts the files of the batch",
//         .stage = "counting",
//         .params = sheafline::paramsOf<Options>,
//         .make_stage = sheafline::makeStage<CountFiles>};
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/params.h>
#include <sheafline/processor.h>
#include <sheafline/progress.h>
#include <sheafline/sink.h>
#include <sheafline/stage.h>

namespace sheafline {

enum class PluginKind { stage, sink, processor };

SHEAFLINE_API std::string_view toString(PluginKind kind);

// The `stage` value of a stage's events: one that clients know, or a name that the plugin chooses.
class StageName {
 public:
    constexpr StageName() = default;
    constexpr StageName(ProcessingStage known)
        : known_(known) {}  // NOLINT(google-explicit-constructor)
    constexpr StageName(const char* custom)
        : custom_(custom) {}  // NOLINT(google-explicit-constructor)
    std::string_view text() const { return custom_.empty() ? toString(known_) : custom_; }

 private:
    ProcessingStage known_ = ProcessingStage::queued;
    std::string_view custom_{};
};

// How a stage continues after a crash.
enum class Restart {
    from_scratch,     // its folder is emptied and it runs again
    from_item,        // it checks which sheets are done and does the others
    from_checkpoint,  // it reads StageRun::checkpoint()
};

// The files on which a plugin's result depends, for given params. Include a file that does not
// exist yet if the result would change once it exists.
struct PluginFiles {
    std::vector<std::filesystem::path> result{};  // when one changes, the stage runs again
    std::vector<std::filesystem::path>
        scores{};  // when one changes, only scores are computed again
};

struct PluginDescriptor {
    int abi = kAbi;
    PluginKind kind = PluginKind::stage;
    std::string_view name{};
    std::string_view version{};
    std::string_view summary{};

    // stages
    StageName stage{};
    double weight = 1;  // its share of a batch's overall percentage
    Restart restart = Restart::from_scratch;
    bool rebuilds = false;  // its files need not survive a reboot: it then runs again, from item
    bool reads_sheets = false;   // it stores readings; when it runs again, sheets are read again
    bool groups_sheets = false;  // it sets the codes and groups of sheets
    bool rows_only = false;      // it uses readings and rows, and never a file of a sheet
    // sinks
    bool durable = false;
    // processors
    bool confined = false;  // process() needs its sheet's file and nothing else: no other file, no
                            // network and no program. It then runs in a sandbox.

    std::vector<ParamSpec> (*params)() = nullptr;
    // Must not change anything. Default: every file that a param of type path names.
    PluginFiles (*files)(Params& params) = nullptr;
    std::unique_ptr<Stage> (*make_stage)(Params& params) = nullptr;
    std::unique_ptr<Sink> (*make_sink)(Params& params) = nullptr;
    std::unique_ptr<Processor> (*make_processor)(Params& params) = nullptr;
};

// For PluginDescriptor::files: asks the struct that reads the params.
template <typename Options>
PluginFiles filesOf(Params& params) {
    return Options(params).files();
}
// For a plugin whose result depends on no file, such as one that copies its input.
inline PluginFiles noFiles(Params&) { return {}; }

template <typename T>
std::unique_ptr<Stage> makeStage(Params& params) {
    return std::make_unique<T>(params);
}
template <typename T>
std::unique_ptr<Sink> makeSink(Params& params) {
    return std::make_unique<T>(params);
}
template <typename T>
std::unique_ptr<Processor> makeProcessor(Params& params) {
    return std::make_unique<T>(params);
}

}  // namespace sheafline

// The name of the section is the ABI number: sheafline_abi_2.
extern "C" {
extern SHEAFLINE_API __attribute__((section("sheafline_abi_2")))
const sheafline::PluginDescriptor sheafline_plugin;
}
