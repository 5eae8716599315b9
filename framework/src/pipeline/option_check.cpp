#include "pipeline/option_check.h"

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/param_check.h"
#include "language/text_template.h"
#include "pipeline/params/program_check.h"

namespace sheafline {

namespace {

const ParamSpec* specOf(const std::vector<ParamSpec>& specs, std::string_view name) {
    const auto found = std::ranges::find(specs, name, &ParamSpec::name);
    return found == specs.end() ? nullptr : &*found;
}

// Whether a value of this kind is accepted for `wanted`.
bool kindFits(Expression::Kind kind, ParamType wanted) {
    switch (wanted) {
        case ParamType::integer:
        case ParamType::number:
        case ParamType::size:
            return kind == Expression::Kind::unknown || kind == Expression::Kind::number;
        case ParamType::boolean:
            return kind == Expression::Kind::unknown || kind == Expression::Kind::boolean;
        case ParamType::duration:
        case ParamType::percent:
            return kind == Expression::Kind::unknown;
        default:
            return true;
    }
}

bool typeFits(ParamType given, ParamType wanted) {
    if (given == wanted) return true;
    switch (wanted) {
        case ParamType::number:
        case ParamType::size:
            return given == ParamType::integer;
        case ParamType::path:
        case ParamType::string:
        case ParamType::choice:
        case ParamType::processor:
            return true;
        default:
            return false;
    }
}

std::optional<std::string> typeFinding(const Expression& expression, const ParamSpec& spec,
                                       const ExpressionNames& names) {
    const std::string wanted(toString(spec.type));
    if (const auto given = expression.paramType(names)) {
        if (typeFits(*given, spec.type)) return std::nullopt;
        return spec.name + ": expected type " + wanted + ", but the param has type " +
               std::string(toString(*given)) + "; declare the param as type: " + wanted;
    }
    if (kindFits(expression.kind(names), spec.type)) return std::nullopt;
    return spec.name + ": the expression is not of type " + wanted + "; " +
           std::string(remedyFor(spec.type));
}

// The place in the file of a byte of a scalar's value. Escapes and folded lines shift the bytes:
// then it is found by counting the ${{ before it.
SourceText::Place placeInside(const SourceText& source, const YamlNode& node, std::size_t offset) {
    const std::string_view text = source.text();
    std::size_t start = node.offset;
    if (start < text.size() && (text[start] == '"' || text[start] == '\'')) ++start;
    if (text.substr(start).starts_with(node.text)) return source.place(start + offset);
    const std::size_t opening = node.text.rfind("${{", offset);
    if (opening == std::string::npos) return {node.line, node.column};
    std::size_t at = start;
    for (std::size_t i = node.text.find("${{"); i < opening; i = node.text.find("${{", i + 1))
        at = text.find("${{", at) + 1;
    at = text.find("${{", at);
    if (at == std::string_view::npos) return {node.line, node.column};
    const std::string_view before(node.text.data() + opening, offset - opening);
    return source.place(text.substr(at).starts_with(before) ? at + before.size() : at);
}

}  // namespace

std::string conditionText(const std::string& written, std::size_t& offset) {
    const auto parts = splitTemplate(written);
    offset = 0;
    if (!isExpression(parts)) return written;
    offset = parts.front().offset;
    return parts.front().text;
}

RawValues rawValues(const YamlNode& with) {
    RawValues values;
    for (std::size_t i = 0; i < with.keys.size(); ++i) {
        const YamlNode& node = with.items[i];
        RawValue raw{.line = node.line, .column = node.column};
        raw.value.text = node.text;
        raw.value.is_list = node.kind == YamlNode::Kind::list;
        for (const YamlNode& item : node.items) {
            raw.value.list.push_back(item.text);
            raw.item_places.emplace_back(item.line, item.column);
        }
        values.emplace(with.keys[i].text, std::move(raw));
    }
    return values;
}

const PluginEntry* OptionCheck::find(PluginKind kind, std::string_view name) const {
    for (const PluginEntry& entry : plugins_.plugins())
        if (entry.descriptor->kind == kind && entry.descriptor->name == name) return &entry;
    return nullptr;
}

std::string OptionCheck::noSuchPlugin(PluginKind kind, const std::string& name) const {
    for (const RejectedPlugin& rejected : plugins_.rejected())
        if (rejected.file.stem() == name)
            return "the plugin " + name + " was rejected: " + rejected.reason;
    std::vector<std::string> known;
    for (const PluginEntry& entry : plugins_.plugins())
        if (entry.descriptor->kind == kind) known.emplace_back(entry.descriptor->name);
    return "there is no " + std::string(toString(kind)) + " '" + name + "'; " +
           didYouMean(name, known);
}

const PluginEntry* OptionCheck::processor(const ParamSpec& spec, const YamlNode* with,
                                          const std::string& path) const {
    const YamlNode* named = with == nullptr ? nullptr : with->find(spec.name);
    const std::string name = named == nullptr ? spec.default_value.value_or("") : named->text;
    if (name.empty() || name.find("${{") != std::string::npos) return nullptr;
    const PluginEntry* entry = find(PluginKind::processor, name);
    if (entry == nullptr && named != nullptr)
        findings_.add(named->line, named->column, path + "." + spec.name,
                      noSuchPlugin(PluginKind::processor, name));
    return entry;
}

void OptionCheck::use(PluginKind kind, const YamlNode& use, const std::string& path,
                      const ExpressionNames& names) const {
    const YamlNode* uses = use.find("uses");
    const YamlNode* with = use.find("with");
    if (with != nullptr && with->kind != YamlNode::Kind::map) with = nullptr;
    const PluginEntry* plugin = nullptr;
    if (uses != nullptr && uses->kind == YamlNode::Kind::scalar) {
        plugin = find(kind, uses->text);
        if (plugin == nullptr)
            findings_.add(uses->line, uses->column, path + ".uses", noSuchPlugin(kind, uses->text));
    }
    std::vector<ParamSpec> specs;
    std::string owner;
    bool complete = plugin != nullptr;  // whether all the options are known
    if (plugin != nullptr) {
        specs = plugin->params;
        owner = plugin->descriptor->name;
        for (const ParamSpec& spec : plugin->params) {
            if (spec.type != ParamType::processor) continue;
            const PluginEntry* inner = processor(spec, with, path + ".with");
            complete = inner != nullptr;
            if (inner == nullptr) continue;
            owner += " with " + std::string(inner->descriptor->name);
            std::ranges::copy_if(inner->params, std::back_inserter(specs), [&](const auto& added) {
                return specOf(plugin->params, added.name) == nullptr;
            });
        }
    }
    std::vector<std::string> known;
    for (const ParamSpec& spec : specs) {
        known.push_back(spec.name);
        if (spec.required && (with == nullptr || with->find(spec.name) == nullptr))
            findings_.add(
                use.line, use.column, path + ".with." + spec.name,
                "option '" + spec.name + "' of " + owner + " is missing; add it to with:");
    }
    if (with == nullptr) return;
    for (std::size_t i = 0; i < with->keys.size(); ++i) {
        const YamlNode& key = with->keys[i];
        const ParamSpec* spec = specOf(specs, key.text);
        if (spec == nullptr && complete)
            findings_.add(key.line, key.column, path + ".with." + key.text,
                          "unknown option '" + key.text + "' of " + owner + "; " +
                              didYouMean(key.text, known));
        value(with->items[i], spec, path + ".with." + key.text, names);
    }
}

void OptionCheck::value(const YamlNode& node, const ParamSpec* spec, const std::string& path,
                        const ExpressionNames& names) const {
    const auto report = [&](const std::string& message) {
        findings_.add(node.line, node.column, path, message);
    };
    const std::string name = path.substr(path.rfind('.') + 1);
    if (node.kind == YamlNode::Kind::null)
        return report(name + " has no value; write one or remove the key");
    if (node.kind == YamlNode::Kind::map)
        return report(name + " is a mapping; " +
                      std::string(remedyFor(spec == nullptr ? ParamType::string : spec->type)));
    if (node.kind == YamlNode::Kind::scalar) return scalar(node, spec, path, names);
    ParamValue list{.is_list = true};
    bool known = true;
    for (const YamlNode& item : node.items) {
        if (item.kind != YamlNode::Kind::scalar) {
            findings_.add(item.line, item.column, path,
                          name + ": an item is not a text; write a text");
            known = false;
            continue;
        }
        scalar(item, nullptr, path, names);
        const bool wanted = spec == nullptr || spec->type == ParamType::list;
        if (const auto wrong = writingFinding(item, ParamType::string); wrong && wanted)
            findings_.add(item.line, item.column, path, name + ": " + *wrong);
        known = known && item.text.find("${{") == std::string::npos;
        list.list.push_back(item.text);
    }
    if (spec != nullptr && spec->scope == ParamScope::operator_only)
        checkProgram(node, path, names, findings_);
    if (spec == nullptr || (!known && spec->type == ParamType::list)) return;
    if (const auto wrong = findingOf(list, *spec, Repeat::value)) report(*wrong);
}

void OptionCheck::expressionFinding(const YamlNode& node, std::size_t offset,
                                    const std::string& path, const std::string& message) const {
    const SourceText::Place place = placeInside(source_, node, offset);
    findings_.add(place.line, place.column, path, message);
}

void OptionCheck::scalar(const YamlNode& node, const ParamSpec* spec, const std::string& path,
                         const ExpressionNames& names) const {
    std::size_t base = 0;
    try {
        const auto parts = splitTemplate(node.text);
        for (const TemplatePart& part : parts) {
            if (!part.is_expression) continue;
            base = part.offset;
            const Expression expression(part.text);
            const auto findings = expression.check(names);
            for (const auto& finding : findings)
                expressionFinding(node, base + finding.offset, path, finding.message);
            if (spec == nullptr || !findings.empty() || !isExpression(parts)) continue;
            if (const auto wrong = typeFinding(expression, *spec, names))
                expressionFinding(node, base, path, *wrong);
        }
        if (spec == nullptr) return;
        auto wrong = spec->type == ParamType::list
                         ? findingOf(ParamValue{.text = node.text}, *spec, Repeat::value)
                         : std::nullopt;
        if (!wrong && !hasExpression(parts)) {
            wrong = writingFinding(node, spec->type);
            if (wrong) *wrong = spec->name + ": " + *wrong;
            if (!wrong)
                wrong = findingOf(ParamValue{.text = expand(parts, {})}, *spec, Repeat::value);
        }
        if (wrong) findings_.add(node.line, node.column, path, *wrong);
    } catch (const ExpressionError& error) {
        expressionFinding(node, base + error.offset(), path, error.what());
    }
}

void OptionCheck::condition(const YamlNode& scalar, const std::string& path,
                            const ExpressionNames& names) const {
    std::size_t base = 0;
    try {
        const std::string text = conditionText(scalar.text, base);
        const Expression expression(text);
        const auto findings = expression.check(names);
        for (const auto& finding : findings)
            expressionFinding(scalar, base + finding.offset, path, finding.message);
        const auto kind = expression.kind(names);
        if (findings.empty() && kind != Expression::Kind::boolean &&
            kind != Expression::Kind::unknown)
            expressionFinding(
                scalar, base, path,
                "if: is neither true nor false; compare it, as in params.exam == 'demo'");
    } catch (const ExpressionError& error) {
        expressionFinding(scalar, base + error.offset(), path, error.what());
    }
}

}  // namespace sheafline
