#include "pipeline/pipeline_reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/param_check.h"
#include "pipeline/pipeline_keys.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostStages = 256;

ParamType paramTypeOf(std::string_view text) {
    for (const ParamType type : {ParamType::path, ParamType::integer, ParamType::number,
                                 ParamType::boolean, ParamType::size, ParamType::duration,
                                 ParamType::percent, ParamType::choice, ParamType::file})
        if (toString(type) == text) return type;
    return ParamType::string;
}

}  // namespace

Pipeline PipelineReader::read() {
    MapReader top(root_, "", findings_);
    if (root_.kind != YamlNode::Kind::map) return {};
    pipeline_.name = top.value("name", keySpec(pipelineKeys(), "name")).value_or("");
    pipeline_.description = top.value("description", {}).value_or("");
    readParams(top.map("params"));
    const Defaults defaults = readDefaults(top.map("defaults"));
    std::vector<ReadStage> stages = readStages(top.list("stages"), "stages", defaults);
    std::vector<ReadStage> finally = readStages(top.list("finally"), "finally", defaults);
    const YamlNode* sinks = top.list("sinks");
    const YamlNode* review = top.map("review");
    top.finish();
    for (const char* key : {"name", "stages"})
        if (root_.find(key) == nullptr)
            top.report(root_, key,
                       std::string(key) + ": is missing; add it at the top of the file");

    checkUniqueIds(stages, finally);
    if (stages.size() + finally.size() <= kMostStages) {
        orderStages(stages, findings_);
        orderStages(finally, findings_);
        checkStages(stages, {});
        checkStages(finally, stages);
    } else {
        findings_.add(root_.line, root_.column, "stages",
                      "more than " + std::to_string(kMostStages) + " stages; split the pipeline");
    }
    readSinks(sinks);
    readReview(review, stages);
    for (ReadStage& stage : stages) pipeline_.stages.push_back(std::move(stage.use));
    for (ReadStage& stage : finally) pipeline_.finally.push_back(std::move(stage.use));
    return std::move(pipeline_);
}

void PipelineReader::readParams(const YamlNode* params) {
    names_.roots = {"params", "batch", "stages", "env", "secrets"};
    if (params == nullptr) return;
    for (std::size_t i = 0; i < params->keys.size(); ++i) {
        const YamlNode& key = params->keys[i];
        const ParamSpec name_spec{.name = "the name of a param",
                                  .pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$"};
        if (auto finding = findingOf(ParamValue{.text = key.text}, name_spec, Repeat::value))
            findings_.add(key.line, key.column, "params." + key.text, std::move(*finding));
        ParamSpec spec = readParam(key.text, params->items[i]);
        names_.params.emplace(spec.name, spec.type);
        if (isFromOutside(spec)) names_.user_params.insert(spec.name);
        pipeline_.params.push_back(std::move(spec));
    }
}

ParamSpec PipelineReader::readParam(const std::string& name, const YamlNode& node) {
    MapReader reader(node, "params." + name, findings_);
    const std::vector<ParamSpec> keys = paramKeys();
    ParamSpec spec{.name = name};
    const auto type = reader.value("type", keySpec(keys, "type"));
    spec.type = paramTypeOf(type.value_or("string"));
    const ParamSpec limit{.type = spec.type};
    spec.help = reader.value("help", {}).value_or("");
    spec.required = reader.value("required", keySpec(keys, "required")) == "true";
    spec.min = reader.value("min", limit).value_or("");
    spec.max = reader.value("max", limit).value_or("");
    spec.pattern = reader.value("pattern", {}).value_or("");
    spec.choices = reader.texts("choices");
    if (reader.value("scope", keySpec(keys, "scope")) == "operator")
        spec.scope = ParamScope::operator_only;
    const YamlNode* given = reader.node("default");
    reader.finish();
    if (node.kind != YamlNode::Kind::map) return spec;
    if (node.find("type") == nullptr)
        reader.report(node, "type",
                      "type is missing; write one of " + quotedList(keySpec(keys, "type").choices));
    if (auto finding = findingOf(spec)) {
        reader.report(node, "", std::move(*finding));
        return spec;
    }
    if (given == nullptr) return spec;
    if (spec.required)
        reader.report(*given, "default",
                      "a required param takes no default; remove default: or required:");
    ParamSpec checked = spec;
    checked.required = false;
    options_.value(*given, &checked, reader.pathOf("default"),
                   {.roots = {"batch", "env"}, .params = {}, .stages = {}, .running = {}});
    spec.default_value = given->text;
    return spec;
}

PipelineReader::Defaults PipelineReader::readDefaults(const YamlNode* defaults) {
    Defaults read;
    if (defaults == nullptr) return read;
    MapReader reader(*defaults, "defaults", findings_);
    read.retry = readRetry(reader, {});
    if (const auto timeout = reader.value("timeout", keySpec(defaultsKeys(), "timeout")))
        read.timeout = parseDuration(*timeout);
    reader.finish();
    return read;
}

void PipelineReader::readReview(const YamlNode* review, const std::vector<ReadStage>& stages) {
    if (review == nullptr) return;
    MapReader reader(*review, "review", findings_);
    Review& read = pipeline_.review.emplace();
    read.before = reader.value("before", keySpec(reviewKeys(), "before")).value_or("");
    if (const auto timeout = reader.value("timeout", keySpec(reviewKeys(), "timeout")))
        read.timeout = parseDuration(*timeout).value_or(read.timeout);
    reader.finish();
    std::vector<std::string> ids;
    ids.reserve(stages.size());
    for (const ReadStage& stage : stages) ids.push_back(stage.use.id);
    const YamlNode* before = review->find("before");
    if (before == nullptr) {
        reader.report(*review, "before",
                      "before is missing; name the stage before which people decide");
    } else if (std::ranges::find(ids, read.before) == ids.end()) {
        reader.report(*before, "before",
                      "before names no stage of this pipeline: '" + read.before + "'; " +
                          didYouMean(read.before, ids));
    }
}

Retry PipelineReader::readRetry(MapReader& owner, Retry base) {
    const YamlNode* node = owner.map("retry");
    if (node == nullptr) return base;
    MapReader reader(*node, owner.pathOf("retry"), findings_);
    const std::vector<ParamSpec> keys = retryKeys();
    if (const auto text = reader.value("max_attempts", keySpec(keys, "max_attempts")))
        base.max_attempts = static_cast<int>(parseInteger(*text).value_or(1));
    if (const auto text = reader.value("initial", keySpec(keys, "initial")))
        base.initial = parseDuration(*text).value_or(base.initial);
    if (const auto text = reader.value("factor", keySpec(keys, "factor")))
        base.factor = parseNumber(*text).value_or(base.factor);
    if (const auto text = reader.value("max_interval", keySpec(keys, "max_interval")))
        base.max_interval = parseDuration(*text).value_or(base.max_interval);
    reader.finish();
    return base;
}

std::vector<ReadStage> PipelineReader::readStages(const YamlNode* list, const std::string& section,
                                                  const Defaults& defaults) {
    std::vector<ReadStage> stages;
    if (list == nullptr) return stages;
    if (list->items.empty())
        findings_.add(list->line, list->column, section,
                      section + " is empty; add a stage such as - {id: extract, uses: extract}");
    for (const YamlNode& node : list->items)
        stages.push_back(readStage(node, section, stages.size() + 1, defaults));
    return stages;
}

ReadStage PipelineReader::readStage(const YamlNode& node, const std::string& section,
                                    std::size_t number, const Defaults& defaults) {
    ReadStage stage{.use = {}, .node = &node, .path = section + "[" + std::to_string(number) + "]"};
    const YamlNode* id = node.find("id");
    if (id != nullptr && !id->text.empty()) stage.path = section + "." + id->text;
    MapReader reader(node, stage.path, findings_);
    stage.use.line = node.line;
    readId(reader, section, number, stage);
    stage.use.uses = reader.value("uses", {.required = true}).value_or("");
    if (node.kind == YamlNode::Kind::map && node.find("uses") == nullptr)
        reader.report(node, "uses", "uses is missing; name a plugin, such as uses: extract");
    if (const YamlNode* with = reader.map("with")) stage.use.with = rawValues(*with);
    readCondition(reader, stage);
    stage.use.needs = reader.texts("needs");
    stage.says_needs = node.find("needs") != nullptr;
    stage.use.retry = readRetry(reader, defaults.retry);
    const auto timeout = reader.value("timeout", keySpec(defaultsKeys(), "timeout"));
    stage.use.timeout =
        (timeout ? parseDuration(*timeout) : defaults.timeout).value_or(stage.use.timeout);
    if (const auto weight = reader.value("weight", keySpec(stageKeys(), "weight")))
        stage.use.weight = parseNumber(*weight);
    if (const YamlNode* skip = reader.map("skip")) {
        MapReader limits(*skip, reader.pathOf("skip"), findings_);
        SkipLimit& skip_limit = stage.use.skip.emplace();
        if (const auto limit = limits.value("limit", keySpec(skipKeys(), "limit")))
            skip_limit.share = parsePercent(*limit).value_or(skip_limit.share);
        if (const auto least = limits.value("at_least", keySpec(skipKeys(), "at_least")))
            skip_limit.at_least = static_cast<std::uint64_t>(
                parseInteger(*least).value_or(static_cast<std::int64_t>(skip_limit.at_least)));
        skip_limit.reviews = limits.value("on_limit", keySpec(skipKeys(), "on_limit")) == "review";
        limits.finish();
    }
    reader.finish();
    return stage;
}

void PipelineReader::readId(MapReader& reader, const std::string& section, std::size_t number,
                            ReadStage& stage) {
    const auto id = reader.value("id", keySpec(stageKeys(), "id"));
    // A stage without a right id still takes part in the checks, under a name that no file can use.
    stage.use.id = id.value_or(section + "[" + std::to_string(number) + "]");
    if (stage.node->kind == YamlNode::Kind::map && stage.node->find("id") == nullptr)
        reader.report(*stage.node, "id",
                      "id is missing; give the stage a name, such as id: extract");
}

void PipelineReader::readCondition(MapReader& reader, ReadStage& stage) {
    const YamlNode* node = reader.node("if");
    if (node == nullptr) return;
    if (node->kind != YamlNode::Kind::scalar) {
        reader.report(*node, "if",
                      "if is not an expression; write one such as params.exam == 'demo'");
        return;
    }
    std::size_t offset = 0;
    try {
        stage.use.condition = conditionText(node->text, offset);
    } catch (const ExpressionError&) {
        // Reported, with its place, when the conditions are checked.
        stage.use.condition.clear();
    }
}

void PipelineReader::checkUniqueIds(const std::vector<ReadStage>& stages,
                                    const std::vector<ReadStage>& finally) {
    std::map<std::string, int, std::less<>> lines;
    for (const auto* section : {&stages, &finally})
        for (const ReadStage& stage : *section) {
            const auto [first, added] = lines.emplace(stage.use.id, stage.node->line);
            const YamlNode* id = stage.node->find("id");
            if (!added && id != nullptr)
                findings_.add(id->line, id->column, stage.path + ".id",
                              "duplicate id '" + stage.use.id + "' (first on line " +
                                  std::to_string(first->second) + "); rename one");
        }
}

void PipelineReader::checkStages(const std::vector<ReadStage>& stages,
                                 const std::vector<ReadStage>& earlier) {
    for (const ReadStage& stage : stages) {
        const std::set<std::string> ended = endedBefore(stages, stage.use.id);
        ExpressionNames names = names_;
        for (const ReadStage& before : earlier) names.stages.push_back(before.use.id);
        names.batch_ended = !earlier.empty();
        for (const ReadStage& other : stages)
            (ended.contains(other.use.id) ? names.stages : names.running).push_back(other.use.id);
        options_.use(PluginKind::stage, *stage.node, stage.path, names);
        const YamlNode* condition = stage.node->find("if");
        if (condition != nullptr && condition->kind == YamlNode::Kind::scalar)
            options_.condition(*condition, stage.path + ".if", names);
    }
}

void PipelineReader::readSinks(const YamlNode* list) {
    if (list == nullptr) return;
    ExpressionNames names = names_;
    std::erase(names.roots, "stages");  // sinks are there before any stage runs
    for (const YamlNode& node : list->items) {
        const std::string path = "sinks[" + std::to_string(pipeline_.sinks.size() + 1) + "]";
        MapReader reader(node, path, findings_);
        PipelineSink sink{.uses = reader.value("uses", {.required = true}).value_or(""),
                          .line = node.line};
        if (node.kind == YamlNode::Kind::map && node.find("uses") == nullptr)
            reader.report(node, "uses", "uses is missing; name a sink, such as uses: jsonl");
        if (const YamlNode* with = reader.map("with")) sink.with = rawValues(*with);
        reader.finish();
        options_.use(PluginKind::sink, node, path, names);
        pipeline_.sinks.push_back(std::move(sink));
    }
}

}  // namespace sheafline
