#include "pipeline/pipeline_schema.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "pipeline/param_schema.h"
#include "pipeline/pipeline_keys.h"

namespace sheafline {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object reference(const std::string& definition) {
    Object schema = orderedObject();
    schema.set("$ref", "#/definitions/" + definition);
    return schema;
}

// Editors show it. Beside a "$ref" it would be ignored.
Object described(const std::string& text, Object schema) {
    if (schema.has("$ref")) {
        Array all;
        all.add(schema);
        schema = orderedObject();
        schema.set("allOf", all);
    }
    schema.set("description", text);
    return schema;
}

Object listOf(const Object& items) {
    Object schema = orderedObject();
    schema.set("type", "array");
    schema.set("items", items);
    return schema;
}

// An object with these keys and no others.
Object closedObject(const Object& properties, const std::vector<std::string>& required) {
    Object schema = orderedObject();
    schema.set("type", "object");
    schema.set("properties", properties);
    if (!required.empty()) schema.set("required", textArray(required));
    schema.set("additionalProperties", false);
    return schema;
}

// Where the key has this value, the schema `then` holds as well.
Object whereEquals(const std::string& key, std::string_view value, const Object& then) {
    Object constant = orderedObject();
    constant.set("const", std::string(value));
    Object properties = orderedObject();
    properties.set(key, constant);
    Object condition = orderedObject();
    condition.set("properties", properties);
    condition.set("required", textArray({key}));
    Object schema = orderedObject();
    schema.set("if", condition);
    schema.set("then", then);
    return schema;
}

std::vector<const PluginEntry*> pluginsOf(const PluginCatalog& plugins, PluginKind kind) {
    std::vector<const PluginEntry*> found;
    for (const PluginEntry& entry : plugins.plugins())
        if (entry.descriptor->kind == kind) found.push_back(&entry);
    return found;
}

std::vector<std::string> namesOf(const std::vector<const PluginEntry*>& entries) {
    std::vector<std::string> names;
    names.reserve(entries.size());
    for (const PluginEntry* entry : entries) names.emplace_back(entry->descriptor->name);
    return names;
}

Object optionsOf(const std::vector<ParamSpec>& specs, const std::vector<std::string>& processors) {
    Object properties = orderedObject();
    std::vector<std::string> required;
    for (const ParamSpec& spec : specs) {
        properties.set(spec.name, paramSchema(spec, Expressions::allowed, processors));
        if (spec.required) required.push_back(spec.name);
    }
    return closedObject(properties, required);
}

// The options of a plugin; if one of them names a processor, also the options of that processor.
Object withSchema(const PluginEntry& plugin, const PluginCatalog& plugins) {
    const auto processors = pluginsOf(plugins, PluginKind::processor);
    const auto named = std::ranges::find(plugin.params, ParamType::processor, &ParamSpec::type);
    if (named == plugin.params.end()) return optionsOf(plugin.params, {});
    Object schema = optionsOf(plugin.params, namesOf(processors));
    schema.remove("additionalProperties");
    Array cases;
    for (const PluginEntry* processor : processors) {
        std::vector<ParamSpec> specs = plugin.params;
        std::ranges::copy_if(
            processor->params, std::back_inserter(specs), [&](const ParamSpec& added) {
                return std::ranges::find(plugin.params, added.name, &ParamSpec::name) ==
                       plugin.params.end();
            });
        cases.add(whereEquals(named->name, processor->descriptor->name,
                              optionsOf(specs, namesOf(processors))));
    }
    schema.set("allOf", cases);
    return schema;
}

Object keysSchema(const std::vector<ParamSpec>& keys) {
    Object properties = orderedObject();
    for (const ParamSpec& key : keys)
        properties.set(key.name, paramSchema(key, Expressions::rejected));
    return properties;
}

// A stage or a sink: its own keys, and by `uses` the options of the plugin.
Object useSchema(Object properties, const std::vector<std::string>& required, PluginKind kind,
                 const PluginCatalog& plugins) {
    const auto entries = pluginsOf(plugins, kind);
    Object uses = orderedObject();
    uses.set("type", "string");
    if (!entries.empty()) uses.set("enum", textArray(namesOf(entries)));
    properties.set("uses", described("the name of the plugin", uses));
    Object with = orderedObject();
    with.set("type", "object");
    properties.set("with", described("the options of the plugin", with));
    Array cases;
    for (const PluginEntry* entry : entries) {
        Object options = orderedObject();
        const std::string of = "the options of " + std::string(entry->descriptor->name);
        options.set("with", described(of, withSchema(*entry, plugins)));
        Object then = orderedObject();
        then.set("description", std::string(entry->descriptor->summary));
        then.set("properties", options);
        if (std::ranges::any_of(entry->params, &ParamSpec::required))
            then.set("required", textArray({"with"}));
        cases.add(whereEquals("uses", entry->descriptor->name, then));
    }
    Object schema = closedObject(properties, required);
    if (cases.size() > 0) schema.set("allOf", cases);
    return schema;
}

Object stageSchema(const PluginCatalog& plugins) {
    Object properties = keysSchema(stageKeys());
    Object condition = orderedObject();
    condition.set("type", textArray({"string", "boolean"}));
    condition.set("description", "the stage is skipped if this expression is false");
    properties.set("if", condition);
    properties.set("retry", described("attempts after transient errors", reference("retry")));
    properties.set("skip", described("how many sheets may be quarantined",
                                     closedObject(keysSchema(skipKeys()), {})));
    return useSchema(properties, {"id", "uses"}, PluginKind::stage, plugins);
}

Object paramDefinition() {
    Object properties = keysSchema(paramKeys());
    for (const auto& [key, text] :
         {std::pair("default", "the value of a batch that gives none"),
          std::pair("min", "the least value"), std::pair("max", "the greatest value")}) {
        Object scalar = orderedObject();
        scalar.set("type", textArray({"string", "number", "boolean"}));
        properties.set(key, described(text, scalar));
    }
    return closedObject(properties, {"type"});
}

Object definitions(const PluginCatalog& plugins) {
    Object all = orderedObject();
    all.set("param", paramDefinition());
    all.set("retry", closedObject(keysSchema(retryKeys()), {}));
    all.set("stage", stageSchema(plugins));
    all.set("sink", useSchema(orderedObject(), {"uses"}, PluginKind::sink, plugins));
    return all;
}

std::string rangeText(const ParamSpec& spec) {
    std::string text = spec.required ? "required" : "";
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (spec.default_value) add("default " + *spec.default_value);
    if (!spec.min.empty()) add("from " + spec.min);
    if (!spec.max.empty()) add("to " + spec.max);
    if (!spec.pattern.empty()) add("matches " + spec.pattern);
    if (!spec.choices.empty()) {
        std::string choices;
        for (const std::string& choice : spec.choices)
            choices += (choices.empty() ? "" : "|") + choice;
        add(choices);
    }
    return text;
}

void pad(std::string& line, std::size_t column) {
    line.resize(std::max(line.size(), column), ' ');
    line += "  ";
}

}  // namespace

std::string pipelineSchema(const PluginCatalog& plugins) {
    Object properties = keysSchema(pipelineKeys());
    Object params = orderedObject();
    params.set("type", "object");
    params.set("additionalProperties", reference("param"));
    properties.set("params", described("the values that a batch is started with, by name", params));
    Object defaults = keysSchema(defaultsKeys());
    defaults.set("retry", described("attempts of stages that set none", reference("retry")));
    properties.set("review", described("the batch waits for people before a stage",
                                       closedObject(keysSchema(reviewKeys()), {"before"})));
    properties.set("defaults", described("for stages that set none", closedObject(defaults, {})));
    Object stages = listOf(reference("stage"));
    stages.set("minItems", 1);
    properties.set("stages", described("the work, in order", stages));
    properties.set(
        "finally",
        described("stages that run at the end in any case, once work has begun", stages));
    properties.set("sinks", described("where events go, in addition to the program's own sinks",
                                      listOf(reference("sink"))));

    Object schema = orderedObject();
    schema.set("$schema", "http://json-schema.org/draft-07/schema#");
    schema.set("title", "Sheafline pipeline");
    const Object keys = closedObject(properties, {"name", "stages"});
    for (const std::string& key : keys.getNames()) schema.set(key, keys.get(key));
    schema.set("definitions", definitions(plugins));
    std::ostringstream text;
    schema.stringify(text, 2);
    text << '\n';
    return text.str();
}

std::string paramsText(const PluginEntry& plugin) {
    std::size_t names = 0;
    std::size_t ranges = 0;
    for (const ParamSpec& spec : plugin.params) {
        names = std::max(names, spec.name.size());
        ranges = std::max(ranges, rangeText(spec).size());
    }
    std::string text;
    constexpr std::size_t kLongestType = 9;
    for (const ParamSpec& spec : plugin.params) {
        std::string line = spec.name;
        pad(line, names);
        line += toString(spec.type);
        pad(line, names + 2 + kLongestType);
        line += rangeText(spec);
        pad(line, names + 2 + kLongestType + 2 + ranges);
        line += spec.help;
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace sheafline
