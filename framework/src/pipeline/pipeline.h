// A pipeline as its file says, checked: what the loader makes and the runner runs. A value, made by
// loadPipeline() (pipeline_loader.h); immutable and free to share between threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/params.h>

namespace sheafline {

struct Retry {
    int max_attempts = 3;
    std::chrono::milliseconds initial{1'000};
    double factor = 2;
    std::chrono::milliseconds max_interval{60'000};
};

// How many sheets may be quarantined. Defaults hold for stages that read or group sheets.
struct SkipLimit {
    double share = 0.02;         // of all sheets, 0 to 1
    std::uint64_t at_least = 5;  // how many sheets must be quarantined before the batch stops
    bool reviews = false;        // at the limit the batch waits for people instead of failing
};

// The batch waits for people before a stage, while anything is in doubt or quarantined.
struct Review {
    std::string before{};  // the id of a stage
    std::chrono::milliseconds timeout = std::chrono::hours(14 * 24);
};

// A value of `with`, still with its ${{ }} expressions, and its place in the file.
struct RawValue {
    ParamValue value{};
    int line = 0;
    int column = 0;
    std::vector<std::pair<int, int>> item_places{};  // of a list's items: line, column
};

using RawValues = std::map<std::string, RawValue, std::less<>>;

struct PipelineStage {
    std::string id{};
    std::string uses{};
    RawValues with{};
    std::string condition{};           // the expression of `if:`, without ${{ }}; empty: always
    std::vector<std::string> needs{};  // resolved: the stage above if the file has no `needs`
    Retry retry{};
    std::chrono::milliseconds timeout = std::chrono::hours(24);
    std::optional<SkipLimit> skip{};
    std::optional<double> weight{};  // if not set, the plugin's
    int line = 0;
};

struct PipelineSink {
    std::string uses{};
    RawValues with{};
    int line = 0;
};

struct Pipeline {
    std::filesystem::path file{};  // absolute; relative paths in it start at its folder
    std::string text{};            // the bytes of the file, stored with each batch
    std::string name{};
    std::string description{};
    std::vector<ParamSpec> params{};
    std::optional<Review> review{};
    std::vector<PipelineStage> stages{};  // in the order of the file
    std::vector<PipelineStage> finally{};
    std::vector<PipelineSink> sinks{};
};

}  // namespace sheafline
