#include "pipelines/pipeline_graph.h"

#include <algorithm>
#include <sstream>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "batches/batch_json.h"

namespace sheafline {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

std::string joinedNames(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

// "${{ params.on }}" has spaces around its expression.
std::string conditionOf(const PipelineStage& stage) {
    const auto first = stage.condition.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return stage.condition.substr(first, stage.condition.find_last_not_of(' ') - first + 1);
}

std::string titleOf(const GraphNode& node) { return node.id + " (" + node.uses + ")"; }

// A quoted text of both languages: a condition may hold quotes and angle brackets.
std::string quoted(const std::string& text, const char* quote) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"')
            out += quote;
        else
            out += c;
    }
    return out + "\"";
}

// The stages that no other stage needs: those in `finally` come after them.
std::vector<std::string> lastStages(const Pipeline& pipeline) {
    std::vector<std::string> last;
    for (const PipelineStage& stage : pipeline.stages) {
        const bool needed = std::ranges::any_of(pipeline.stages, [&](const PipelineStage& other) {
            return std::ranges::find(other.needs, stage.id) != other.needs.end();
        });
        if (!needed) last.push_back(stage.id);
    }
    return last;
}

}  // namespace

PipelineGraph graphOf(const Pipeline& pipeline) {
    PipelineGraph graph{.name = pipeline.name, .description = pipeline.description};
    for (const PipelineStage& stage : pipeline.stages) {
        const std::string condition = conditionOf(stage);
        graph.nodes.push_back({.id = stage.id,
                               .uses = stage.uses,
                               .condition = condition,
                               .review = pipeline.review && pipeline.review->before == stage.id,
                               .needs = stage.needs});
        for (const std::string& needed : stage.needs)
            graph.edges.push_back({.from = needed, .to = stage.id, .condition = condition});
    }
    for (const PipelineStage& stage : pipeline.finally) {
        graph.nodes.push_back(
            {.id = stage.id, .uses = stage.uses, .condition = conditionOf(stage), .at_end = true});
        for (const std::string& last : lastStages(pipeline))
            graph.edges.push_back({.from = last, .to = stage.id, .to_end = true});
    }
    for (const PipelineSink& sink : pipeline.sinks) graph.sinks.push_back(sink.uses);
    return graph;
}

std::string graphText(const PipelineGraph& graph) {
    std::ostringstream out;
    out << graph.name << '\n';
    for (const GraphNode& node : graph.nodes) {
        out << "  " << titleOf(node);
        if (node.at_end) out << " at the end in any case";
        if (!node.needs.empty()) out << " after " << joinedNames(node.needs);
        if (!node.condition.empty()) out << ", if " << node.condition;
        out << '\n';
        if (node.review) out << "    (people decide before it)\n";
    }
    for (const std::string& sink : graph.sinks) out << "  events to " << sink << '\n';
    return out.str();
}

std::string graphDot(const PipelineGraph& graph) {
    const auto name = [](const std::string& id) { return quoted(id, "\\\""); };
    std::ostringstream out;
    out << "digraph " << name(graph.name) << " {\n  node [shape=box];\n";
    for (const GraphNode& node : graph.nodes) {
        out << "  " << name(node.id) << " [label=" << name(titleOf(node));
        if (node.at_end) out << ", style=dashed";
        out << "];\n";
        for (const GraphEdge& edge : graph.edges) {
            if (edge.to != node.id) continue;
            out << "  " << name(edge.from) << " -> " << name(edge.to);
            if (!edge.condition.empty()) out << " [label=" << name("if " + edge.condition) << "]";
            if (edge.to_end) out << " [style=dashed]";
            out << ";\n";
        }
    }
    return out.str() + "}\n";
}

// The ids of Mermaid's nodes are "s0", "s1" and so on, because words such as "end" are keywords.
std::string graphMermaid(const PipelineGraph& graph) {
    const auto node_of = [&](const std::string& id) {
        const auto found = std::ranges::find(graph.nodes, id, &GraphNode::id);
        return "s" + std::to_string(found - graph.nodes.begin());
    };
    const auto label = [](const std::string& text) { return quoted(text, "#quot;"); };
    std::ostringstream out;
    out << "flowchart TD\n";
    for (const GraphNode& node : graph.nodes) {
        out << "  " << node_of(node.id) << "[" << label(titleOf(node)) << "]\n";
        for (const GraphEdge& edge : graph.edges) {
            if (edge.to != node.id) continue;
            out << "  " << node_of(edge.from) << (edge.to_end ? " -.->" : " -->");
            if (!edge.condition.empty()) out << "|" << label("if " + edge.condition) << "|";
            out << " " << node_of(edge.to) << "\n";
        }
    }
    return out.str();
}

std::string graphJson(const PipelineGraph& graph) {
    Array nodes;
    for (const GraphNode& node : graph.nodes) {
        Object object(Poco::JSON_PRESERVE_KEY_ORDER);
        object.set("id", node.id);
        object.set("uses", node.uses);
        object.set("kind", node.at_end ? "finally" : "stage");
        object.set("condition", node.condition);
        object.set("review", node.review);
        nodes.add(object);
    }
    Array edges;
    for (const GraphEdge& edge : graph.edges) {
        Object object(Poco::JSON_PRESERVE_KEY_ORDER);
        object.set("from", edge.from);
        object.set("to", edge.to);
        object.set("kind", edge.to_end ? "finally" : "needs");
        edges.add(object);
    }
    Array sinks;
    for (const std::string& sink : graph.sinks) sinks.add(sink);
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("name", graph.name);
    object.set("description", graph.description);
    object.set("nodes", nodes);
    object.set("edges", edges);
    object.set("sinks", sinks);
    return compactJson(object);
}

}  // namespace sheafline
