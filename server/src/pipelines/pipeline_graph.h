// The stages of a pipeline and what each needs, as a graph: for `sheafline graph` and for the API.
// A pure function of the pipeline; any thread.
//
//     const PipelineGraph graph = graphOf(pipeline);
//     std::cout << graphJson(graph);
#pragma once

#include <string>
#include <vector>

#include "pipeline/pipeline.h"

namespace sheafline {

struct GraphNode {
    std::string id{};
    std::string uses{};
    std::string condition{};  // the expression of `if:`; empty: the stage always runs
    bool at_end = false;      // of `finally`: runs at the end in any case
    bool review = false;      // people decide before it
    std::vector<std::string> needs{};
};

struct GraphEdge {
    std::string from{};
    std::string to{};
    bool to_end = false;  // leads to a stage of `finally`
    std::string condition{};
};

struct PipelineGraph {
    std::string name{};
    std::string description{};
    std::vector<GraphNode> nodes{};  // in the order of the file, those of `finally` last
    std::vector<GraphEdge> edges{};  // by the node to which they lead
    std::vector<std::string> sinks{};
};

PipelineGraph graphOf(const Pipeline& pipeline);

std::string graphText(const PipelineGraph& graph);     // one line a stage, for people
std::string graphDot(const PipelineGraph& graph);      // for Graphviz
std::string graphMermaid(const PipelineGraph& graph);  // for Markdown pages
std::string graphJson(const PipelineGraph& graph);     // the schema PipelineGraph of the API

}  // namespace sheafline
