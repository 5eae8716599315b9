// Manual pages in the format of man(7), one for the program and one for each of its commands.
#pragma once

#include <string>
#include <vector>

#include "manuals/command_entry.h"

namespace sheafline {

struct ManualPage {
    std::string name{};  // of the file: "sheafline-run.1"
    std::string text{};
};

// `version` is shown at the foot of each page; `footer` closes the page of the program.
std::vector<ManualPage> manualPages(const CommandEntry& program, const std::string& version,
                                    const std::string& footer);

}  // namespace sheafline
