// `graph`: the stages of a pipeline and what each needs, as text, for Graphviz, for Mermaid or as
// JSON.
#include <iostream>
#include <string>

#include "command_parts/exit_status.h"
#include "command_parts/installed_pipeline.h"
#include "commands/commands.h"
#include "pipelines/pipeline_graph.h"

namespace sheafline {

int graphCommand(const std::string& pipeline, const std::string& format, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    const PipelineGraph graph = graphOf(namedPipeline(pipeline, plugins, settings));
    std::cout << (format == "dot"       ? graphDot(graph)
                  : format == "mermaid" ? graphMermaid(graph)
                  : format == "json"    ? graphJson(graph) + "\n"
                                        : graphText(graph));
    return kDone;
}

}  // namespace sheafline
