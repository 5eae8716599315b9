// Everything that the result of one stage depends on, except its input: its plugin and that of its
// processor with their versions, its options, and the contents of the files that count
// (plugin_files.h). Stored when the stage starts; compared on resume. Any thread; reads files.
//
//     fingerprint := "2" LF plugin [processor] options {file}
//     plugin      := "plugin " name " " version LF
//     processor   := "processor " name " " version LF
//     options     := "options " sha256 LF             names and raw values of `with`
//     file        := ("result " | "scores ") content " " path LF
//     content     := sha256 | "none" | "folder" | "unreadable"
//
// A path below the pipeline's folder is relative to it.
#pragma once

#include <filesystem>
#include <string>

#include "language/expression.h"
#include "pipeline/pipeline.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// Values that are not known in `scope` count as they are written.
std::string fingerprintOf(const PipelineStage& use, const PluginCatalog& plugins,
                          const ExpressionScope& scope, const std::filesystem::path& pipeline_file);

struct FingerprintChange {
    enum class Kind { none, scores, result };
    Kind kind = Kind::none;
    std::string reason{};  // "answers.csv has changed"; without folders, for users see it
};

// Compares what was stored, by any version, with what is now.
FingerprintChange changeSince(const std::string& stored, const PipelineStage& use,
                              const PluginCatalog& plugins, const ExpressionScope& scope,
                              const std::filesystem::path& pipeline_file);

}  // namespace sheafline
