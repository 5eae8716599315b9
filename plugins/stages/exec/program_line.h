// One line that the program of the stage `exec` prints; exec.cpp has the grammar. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sheafline::exec {

struct ProgramLine {
    std::optional<double> done{};
    std::optional<double> total{};
    std::optional<std::string> message{};
    std::optional<std::int64_t> sheet{};
    std::optional<std::string> reason{};
    std::optional<std::string> artifact{};
};

// Nothing if the line is not a JSON object. A key of another type than the grammar's throws Error
// (PROGRAM_LINE). Unknown keys are ignored.
std::optional<ProgramLine> parsedLine(std::string_view line);

}  // namespace sheafline::exec
