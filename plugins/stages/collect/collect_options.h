// The options of the stage `collect`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sheafline/plugin.h>
#include <sheafline/sheets/template.h>

#include "batch_roster.h"

namespace sheafline {

struct CollectOptions {
    bool by_student;
    std::string duplicates;
    std::filesystem::path template_file;
    std::filesystem::path key;
    RosterOptions roster;

    explicit CollectOptions(Params& p);

    // Rows of sheets do not need a template. Throws ConfigError with all findings.
    std::optional<sheets::Template> load() const;
};

// The files that the template and its key name.
PluginFiles filesOfTemplate(Params& params);

}  // namespace sheafline
