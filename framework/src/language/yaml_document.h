// A YAML or JSON text as a tree that knows its places, read more strictly than YAML is:
//   - UTF-8 without control characters, one document, at most 1 MiB;
//   - at most 20,000 nodes, 4 MiB of text and depth 32, counted with aliases put in; no cycles;
//   - no tags, no duplicate keys, keys are plain texts.
// Scalars stay texts: what they mean is for the reader to decide, so `yes` is never true and `010`
// never 8. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "language/finding_list.h"

namespace sheafline {

struct YamlNode {
    enum class Kind { null, scalar, list, map };

    Kind kind = Kind::null;
    std::string text{};            // of a scalar
    bool quoted = false;           // a scalar in quotes or a block: certainly a text
    std::vector<YamlNode> keys{};  // of a map, one for each of items
    std::vector<YamlNode> items{};
    int line = 1;
    int column = 1;          // in characters
    std::size_t offset = 0;  // in bytes, from the start of the text

    const YamlNode* find(std::string_view key) const;  // of a map; null if it is missing
};

// Adds to `findings` what is wrong; the tree holds what could be read, a null node after a syntax
// error.
YamlNode parseYaml(std::string_view text, FindingList& findings);

// Whether a plain scalar is a number, truth value, null or date to one YAML reader or another.
bool isAmbiguous(std::string_view plain);

}  // namespace sheafline
