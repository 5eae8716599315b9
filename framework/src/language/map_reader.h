// Reads one mapping of a pipeline file: every key once, typed, with the same checks as a plugin's
// params. Adds what is wrong to the list of findings and continues. One thread.
//
//     MapReader retry(node, "defaults.retry", findings);
//     const auto attempts = retry.value("max_attempts", {.type = ParamType::integer, .min = "1"});
//     retry.finish();  // keys that were not asked for are unknown
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/params.h>

#include "language/finding_list.h"
#include "language/yaml_document.h"

namespace sheafline {

class MapReader {
 public:
    // If the file is wrong, `node` is null or not a mapping; then no key is found.
    MapReader(const YamlNode& node, std::string path, FindingList& findings);

    // Null if the key is missing. An empty value is a finding and counts as missing.
    const YamlNode* node(std::string_view key);
    const YamlNode* list(std::string_view key);
    const YamlNode* map(std::string_view key);
    // The text if it fits the spec.
    std::optional<std::string> value(std::string_view key, ParamSpec spec);
    std::vector<std::string> texts(std::string_view key);

    void finish();
    void report(const YamlNode& at, std::string_view key, std::string message);
    std::string pathOf(std::string_view key) const;

 private:
    const YamlNode* ofKind(std::string_view key, YamlNode::Kind kind, std::string_view wanted);

    const YamlNode& node_;
    const std::string path_;
    FindingList& findings_;
    std::vector<std::string> known_{};
};

// Why the scalar, as it is written, cannot be of this type: a number in quotes, or a text that
// other readers of YAML take for a number or a truth value.
std::optional<std::string> writingFinding(const YamlNode& scalar, ParamType type);

}  // namespace sheafline
