// Reads one mapping of a pipeline file: every key once, typed, by the same checks as a plugin's
// params. What is wrong goes to the list of mistakes, and reading goes on. One thread.
//
//     MapReader retry(node, "defaults.retry", mistakes);
//     const auto attempts = retry.value("max_attempts", {.type = ParamType::integer, .min = "1"});
//     retry.finish();  // what was not asked for is unknown
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/params.h>

#include "language/mistake_list.h"
#include "language/yaml_document.h"

namespace sheafline {

class MapReader {
 public:
    // If the file is wrong, `node` is null or of another kind: then nothing is found.
    MapReader(const YamlNode& node, std::string path, MistakeList& mistakes);

    // Null if the key is missing. An empty value counts as missing, and is also reported.
    const YamlNode* node(std::string_view key);
    const YamlNode* list(std::string_view key);
    const YamlNode* map(std::string_view key);
    // The text, right for the spec, or nothing.
    std::optional<std::string> value(std::string_view key, ParamSpec spec);
    std::vector<std::string> texts(std::string_view key);

    void finish();
    void fault(const YamlNode& at, std::string_view key, std::string message);
    std::string pathOf(std::string_view key) const;

 private:
    const YamlNode* ofKind(std::string_view key, YamlNode::Kind kind, std::string_view wanted);

    const YamlNode& node_;
    const std::string path_;
    MistakeList& mistakes_;
    std::vector<std::string> known_{};
};

// Why the scalar, as it is written, cannot be of this type: a number in quotes, or a text that
// other readers of YAML take for a number or a truth value.
std::optional<std::string> writingFault(const YamlNode& scalar, ParamType type);

}  // namespace sheafline
