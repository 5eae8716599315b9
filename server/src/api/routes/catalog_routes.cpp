#include "api/routes/catalog_routes.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "api/bodies/list_page.h"
#include "api/description/event_schema.h"
#include "api/description/param_json.h"
#include "batches/batch_json.h"
#include "pipeline/pipeline_schema.h"
#include "pipelines/pipeline_graph.h"
#include "pipelines/shown_source.h"

namespace sheafline::api {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

// Only params that a client may set; those of the operator are not shown.
Array paramsOf(const Pipeline& pipeline) {
    Array params;
    for (const ParamSpec& spec : pipeline.params) {
        if (spec.scope != ParamScope::user || spec.type == ParamType::path) continue;
        Object param = paramJson(spec);
        if (!spec.pattern.empty()) param.set("pattern", spec.pattern);
        if (!spec.min.empty()) param.set("min", spec.min);
        if (!spec.max.empty()) param.set("max", spec.max);
        Array choices;
        for (const std::string& choice : spec.choices) choices.add(choice);
        if (!spec.choices.empty()) param.set("choices", choices);
        params.add(param);
    }
    return params;
}

std::string pipelineJson(const Pipeline& pipeline) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("name", pipeline.name);
    object.set("description", pipeline.description);
    object.set("upload", uploadParam(pipeline) != nullptr);
    object.set("params", paramsOf(pipeline));
    Array stages;
    for (const PipelineStage& stage : pipeline.stages) stages.add(stage.id);
    object.set("stages", stages);
    return compactJson(object);
}

std::string pluginJson(const PluginEntry& plugin) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("kind", std::string(toString(plugin.descriptor->kind)));
    object.set("name", std::string(plugin.descriptor->name));
    object.set("version", std::string(plugin.descriptor->version));
    object.set("summary", std::string(plugin.descriptor->summary));
    return compactJson(object);
}

template <typename Item, typename ToJson>
std::string wholeList(const std::vector<Item>& items, ToJson to_json) {
    return pageJson(items, items.size(), to_json, [](const Item&) { return std::string(); });
}

PipelineShelf::PipelinePtr pipelineOf(ApiRequest& request, PipelineShelf& pipelines) {
    if (auto pipeline = pipelines.find(request.param("name"))) return pipeline;
    throw http::HttpError(404, "NO_SUCH_PIPELINE",
                          "there is no installed pipeline of this name; see GET /api/pipelines");
}

// A JSON file is YAML too.
void source(ApiRequest& request, PipelineShelf& pipelines) {
    request.sendText(shownSource(pipelineOf(request, pipelines)->text), "application/yaml");
}

void schema(ApiRequest& request, const PluginCatalog& plugins) {
    const std::string& name = request.param("name");
    if (name == "event") return request.sendJson(eventSchema());
    if (name == "pipeline") return request.sendJson(pipelineSchema(plugins));
    throw http::HttpError(404, "NO_SUCH_SCHEMA", "there are the schemas 'event' and 'pipeline'");
}

}  // namespace

void addCatalogRoutes(ApiRoutes& routes, PipelineShelf& pipelines, const PluginCatalog& plugins) {
    routes.add("GET", "/api/pipelines",
               {.id = "listPipelines",
                .summary = "The pipelines, with the params you may set",
                .gives = "PipelineList"},
               [&pipelines](ApiRequest& request) {
                   request.sendJson(wholeList(pipelines.all(), [](const auto& pipeline) {
                       return pipelineJson(*pipeline);
                   }));
               });
    routes.add("GET", "/api/pipelines/{name}/graph",
               {.id = "getPipelineGraph",
                .summary = "The stages of a pipeline and what each needs",
                .gives = "PipelineGraph",
                .errors = {"NO_SUCH_PIPELINE"}},
               [&pipelines](ApiRequest& request) {
                   request.sendJson(graphJson(graphOf(*pipelineOf(request, pipelines))));
               });
    routes.add("GET", "/api/pipelines/{name}/source",
               {.id = "getPipelineSource",
                .access = Access::creator,
                .summary = "The file of a pipeline, with *** for secrets in it",
                .answer = "application/yaml",
                .errors = {"NO_SUCH_PIPELINE"}},
               [&pipelines](ApiRequest& request) { source(request, pipelines); });
    routes.add("GET", "/api/plugins",
               {.id = "listPlugins", .summary = "The installed plugins", .gives = "PluginList"},
               [&plugins](ApiRequest& request) {
                   request.sendJson(wholeList(plugins.plugins(), pluginJson));
               });
    routes.add("GET", "/api/schema/{name}",
               {.id = "getSchema",
                .summary = "A JSON Schema: event or pipeline",
                .gives = "JsonSchema",
                .errors = {"NO_SUCH_SCHEMA"}},
               [&plugins](ApiRequest& request) { schema(request, plugins); });
}

}  // namespace sheafline::api
