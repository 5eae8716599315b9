// `graph`: the stages of a pipeline and what each needs, as text, for Graphviz or for Mermaid.
#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>

#include "command_parts/exit_status.h"
#include "command_parts/installed_pipeline.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

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

std::string titleOf(const PipelineStage& stage) { return stage.id + " (" + stage.uses + ")"; }

std::string asText(const Pipeline& pipeline) {
    std::ostringstream out;
    out << pipeline.name << '\n';
    for (const PipelineStage& stage : pipeline.stages) {
        out << "  " << titleOf(stage);
        if (!stage.needs.empty()) out << " after " << joinedNames(stage.needs);
        if (!stage.condition.empty()) out << ", if " << conditionOf(stage);
        out << '\n';
        if (pipeline.review && pipeline.review->before == stage.id)
            out << "    (people decide before it)\n";
    }
    for (const PipelineStage& stage : pipeline.finally)
        out << "  " << titleOf(stage) << " at the end in any case\n";
    for (const PipelineSink& sink : pipeline.sinks) out << "  events to " << sink.uses << '\n';
    return out.str();
}

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

std::string asDot(const Pipeline& pipeline) {
    const auto name = [](const std::string& id) { return quoted(id, "\\\""); };
    std::ostringstream out;
    out << "digraph " << name(pipeline.name) << " {\n  node [shape=box];\n";
    for (const PipelineStage& stage : pipeline.stages) {
        out << "  " << name(stage.id) << " [label=" << name(titleOf(stage)) << "];\n";
        for (const std::string& needed : stage.needs) {
            out << "  " << name(needed) << " -> " << name(stage.id);
            if (!stage.condition.empty())
                out << " [label=" << name("if " + conditionOf(stage)) << "]";
            out << ";\n";
        }
    }
    for (const PipelineStage& stage : pipeline.finally) {
        out << "  " << name(stage.id) << " [label=" << name(titleOf(stage)) << ", style=dashed];\n";
        for (const std::string& last : lastStages(pipeline))
            out << "  " << name(last) << " -> " << name(stage.id) << " [style=dashed];\n";
    }
    return out.str() + "}\n";
}

// The ids of Mermaid's nodes are "s0", "s1" …, because words such as "end" are keywords there.
std::string asMermaid(const Pipeline& pipeline) {
    std::vector<std::string> ids;
    for (const PipelineStage& stage : pipeline.stages) ids.push_back(stage.id);
    for (const PipelineStage& stage : pipeline.finally) ids.push_back(stage.id);
    const auto node = [&](const std::string& id) {
        return "s" + std::to_string(std::ranges::find(ids, id) - ids.begin());
    };
    const auto label = [](const std::string& text) { return quoted(text, "#quot;"); };
    std::ostringstream out;
    out << "flowchart TD\n";
    for (const PipelineStage& stage : pipeline.stages) {
        out << "  " << node(stage.id) << "[" << label(titleOf(stage)) << "]\n";
        for (const std::string& needed : stage.needs) {
            out << "  " << node(needed) << " -->";
            if (!stage.condition.empty()) out << "|" << label("if " + conditionOf(stage)) << "|";
            out << " " << node(stage.id) << "\n";
        }
    }
    for (const PipelineStage& stage : pipeline.finally) {
        out << "  " << node(stage.id) << "[" << label(titleOf(stage)) << "]\n";
        for (const std::string& last : lastStages(pipeline))
            out << "  " << node(last) << " -.-> " << node(stage.id) << "\n";
    }
    return out.str();
}

}  // namespace

int graphCommand(const std::string& pipeline, const std::string& format, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    const Pipeline loaded = namedPipeline(pipeline, plugins, settings);
    std::cout << (format == "dot"       ? asDot(loaded)
                  : format == "mermaid" ? asMermaid(loaded)
                                        : asText(loaded));
    return kDone;
}

}  // namespace sheafline
