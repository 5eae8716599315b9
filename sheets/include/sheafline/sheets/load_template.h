// Template files, YAML or JSON. The language is described in docs/templates.md and, for editors, by
// templateSchema(). A template.json of OMRChecker is told by its keys, and read with the
// config.json and evaluation.json beside it. All findings of a file are told in one ConfigError.
// Pure but for reading the files; any thread.
//
//     const Template demo = loadTemplate("pipelines/templates/demo-sheet.yaml");
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sheafline/export.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

SHEAFLINE_API Template loadTemplate(const std::filesystem::path& file);

// The same for a text; the files that it names are searched in the folder of `file`.
SHEAFLINE_API Template parseTemplate(std::string_view text, const std::filesystem::path& file);

// JSON Schema, draft-07.
SHEAFLINE_API std::string templateSchema();

}  // namespace sheafline::sheets
