#include "api/routes/catalog_routes.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "api/bodies/list_page.h"
#include "api/description/event_schema.h"
#include "api/description/param_json.h"
#include "batches/batch_json.h"
#include "pipeline/pipeline_schema.h"

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
