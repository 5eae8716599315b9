#include "language/map_reader.h"

#include <algorithm>
#include <utility>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/param_check.h"

namespace sheafline {

MapReader::MapReader(const YamlNode& node, std::string path, FindingList& findings)
    : node_(node), path_(std::move(path)), findings_(findings) {
    if (node.kind != YamlNode::Kind::map)
        findings_.add(node.line, node.column, path_,
                      (path_.empty() ? "the file" : path_) +
                          " is not a mapping; write keys and values, such as name: demo");
}

std::string MapReader::pathOf(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void MapReader::report(const YamlNode& at, std::string_view key, std::string message) {
    findings_.add(at.line, at.column, pathOf(key), std::move(message));
}

const YamlNode* MapReader::node(std::string_view key) {
    known_.emplace_back(key);
    const YamlNode* found = node_.find(key);
    if (found == nullptr || found->kind != YamlNode::Kind::null) return found;
    report(*found, key, std::string(key) + " has no value; write one or remove the key");
    return nullptr;
}

const YamlNode* MapReader::ofKind(std::string_view key, YamlNode::Kind kind,
                                  std::string_view wanted) {
    const YamlNode* found = node(key);
    if (found == nullptr || found->kind == kind) return found;
    report(*found, key, std::string(key) + " is not a " + std::string(wanted));
    return nullptr;
}

const YamlNode* MapReader::list(std::string_view key) {
    return ofKind(key, YamlNode::Kind::list, "list; write [one, two] or lines that begin with -");
}

const YamlNode* MapReader::map(std::string_view key) {
    return ofKind(key, YamlNode::Kind::map, "mapping; write keys and values, such as {key: value}");
}

std::optional<std::string> MapReader::value(std::string_view key, ParamSpec spec) {
    const YamlNode* found = node(key);
    if (found == nullptr) return std::nullopt;
    spec.name = key;
    if (found->kind != YamlNode::Kind::scalar) {
        report(*found, key,
               spec.name + " is not a single value; " + std::string(remedyFor(spec.type)));
        return std::nullopt;
    }
    auto wrong = writingFinding(*found, spec.type);
    if (wrong) *wrong = spec.name + ": " + *wrong;
    if (!wrong) wrong = findingOf(ParamValue{.text = found->text}, spec, Repeat::value);
    if (!wrong) return found->text;
    report(*found, key, *wrong);
    return std::nullopt;
}

std::vector<std::string> MapReader::texts(std::string_view key) {
    std::vector<std::string> texts;
    const YamlNode* found = list(key);
    if (found == nullptr) return texts;
    for (const YamlNode& item : found->items) {
        const auto wrong = item.kind == YamlNode::Kind::scalar
                               ? writingFinding(item, ParamType::string)
                               : std::optional<std::string>("an item is not a text; write a text");
        if (wrong)
            report(item, key, std::string(key) + ": " + *wrong);
        else
            texts.push_back(item.text);
    }
    return texts;
}

void MapReader::finish() {
    for (const YamlNode& key : node_.keys)
        if (std::ranges::find(known_, key.text) == known_.end())
            report(key, key.text,
                   "unknown key '" + key.text + "'" + (path_.empty() ? "" : " in " + path_) + "; " +
                       didYouMean(key.text, known_));
}

std::optional<std::string> writingFinding(const YamlNode& scalar, ParamType type) {
    switch (type) {
        case ParamType::integer:
        case ParamType::number:
        case ParamType::boolean:
            if (scalar.quoted && canonicalText(type, scalar.text))
                return "'" + scalar.text + "' is a text in quotes; remove the quotes";
            return std::nullopt;
        case ParamType::size:
        case ParamType::duration:
        case ParamType::percent:
            return std::nullopt;
        default:
            if (!scalar.quoted && isAmbiguous(scalar.text))
                return "'" + scalar.text +
                       "' is a number, date or truth value to YAML; put quotes around the text";
            return std::nullopt;
    }
}

}  // namespace sheafline
