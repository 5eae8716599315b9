// What a batch would run, how long it would take and what space it would need. Time and artifacts
// are estimates from earlier batches of the same data folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/pipelines/input_size.h"

namespace sheafline {

struct StageForecast {
    enum class Runs { yes, no, decided_later };  // decided_later: by what earlier stages do

    std::string id{};
    std::string uses{};
    std::string condition{};  // of the pipeline file; empty: none
    Runs runs = Runs::yes;
    bool after_review = false;  // starts when people have decided what is in doubt
    bool at_end = false;        // runs at the end in any case
    std::optional<double> seconds{};
};

struct BatchPlan {
    std::string pipeline{};
    std::string input{};
    InputSize size{};
    std::vector<StageForecast> stages{};
    std::uint64_t past_batches = 0;  // that the estimates come from
    std::uint64_t artifact_bytes = 0;
    std::string disk{};  // a folder of the disk that would be used
    std::optional<std::uint64_t> free_bytes{};

    // The time of the stages that have one. Nothing if no stage has one.
    std::optional<double> seconds() const;
    bool everyTimeIsKnown() const;
    // At most: the input is copied, and its files are extracted until cleanup.
    std::uint64_t bytes() const;
    bool fits() const { return !free_bytes || *free_bytes >= bytes(); }
};

std::string planJson(const BatchPlan& plan);  // one line, as planSchema() describes it
std::string planSchema();                     // a JSON Schema, draft-07

}  // namespace sheafline
