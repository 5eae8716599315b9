// The commands and options of the program as plain data: what manual pages and completions are made
// from. command_line/command_line.h fills it from the options that the program reads.
#pragma once

#include <string>
#include <vector>

namespace sheafline {

struct OptionEntry {
    std::string name{};   // "--limit"; for an argument: "BATCH"
    std::string value{};  // how its value is shown: "TEXT"; empty: a flag
    std::string help{};
    std::vector<std::string> choices{};  // the only values; empty: any
    bool argument = false;               // by its place, not by a name
    bool required = false;
};

struct CommandEntry {
    std::string words{};  // "sheafline user add"
    std::string help{};
    std::vector<OptionEntry> options{};
    std::vector<CommandEntry> commands{};
};

}  // namespace sheafline
