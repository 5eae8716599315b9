// Runs one processor from its built plugin on single sheets, without a batch. One thread.
//
//     ProcessorTrial trial("build/file_size.so", {{"max_bytes", "1MiB"}});
//     trial.write("a.jpg", "12345");
//     CHECK(trial.read("a.jpg").values == std::vector<std::string>{"5"});
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/testing/given_params.h>
#include <sheafline/testing/plugin_file.h>
#include <sheafline/testing/trial_folder.h>

namespace sheafline::testing {

class ProcessorTrial {
 public:
    explicit ProcessorTrial(const std::filesystem::path& plugin, GivenParams params = {});

    void set(const std::string& name, GivenParam value) { params_[name] = std::move(value); }
    void write(const std::filesystem::path& name, std::string_view bytes) {
        folder_.write(name, bytes);
    }

    std::vector<std::string> columns();

    // Reads a sheet in a child process, as the program does. What would cost the sheet an attempt
    // is the reason: an exception's text, "killed by SIGSEGV", or a wrong number of values. A
    // relative path starts at the trial's folder. This process must have one thread.
    Reading read(const std::filesystem::path& file) {
        return read(SheetTask{.number = 1, .path = file});
    }
    Reading read(SheetTask task);
    // The same in this process, for a debugger; throws what the processor throws.
    Reading readHere(SheetTask task);

    Processor& processor();  // made at the first use
    const std::filesystem::path& folder() const { return folder_.path(); }

 private:
    TrialFolder folder_{};
    const PluginFile plugin_;
    GivenParams params_;
    std::unique_ptr<Processor> processor_{};
};

}  // namespace sheafline::testing
