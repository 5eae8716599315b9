// Template files, YAML or JSON. The language is described in docs/templates.md and, for editors, by
// templateSchema(). A template.json of OMRChecker is recognized by its keys, and read with the
// evaluation.json beside it. A ConfigError has all findings of a file. Reads files and nothing
// else; any thread.
//
//     const Template demo = loadTemplate("pipelines/templates/demo-sheet.yaml");
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

// `key` replaces the template's own key, see replaceKey(); empty: it does not.
SHEAFLINE_API Template loadTemplate(const std::filesystem::path& file,
                                    const std::filesystem::path& key = {});

// The same for a text; the files that it names are searched in the folder of `file`.
SHEAFLINE_API Template parseTemplate(std::string_view text, const std::filesystem::path& file);

// Gives the template another key, with the columns that it computes. Throws ConfigError with all
// findings, each with its line; the template is then unchanged.
SHEAFLINE_API void replaceKey(Template& sheet, const std::filesystem::path& file);

// JSON Schema, draft-07.
SHEAFLINE_API std::string templateSchema();
SHEAFLINE_API std::string scoringKeySchema();

}  // namespace sheafline::sheets
