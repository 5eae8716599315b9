// Reads values of a template out of a mapping: numbers, points and lists of them, on top of the
// framework's strict reading of keys. Findings go to the list; what could not be read is nothing.
// One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/geometry.h>

#include "language/map_reader.h"

namespace sheafline::sheets {

struct NumberLimits {
    double low = 0;
    double high = 10'000;
};

class NodeReader {
 public:
    NodeReader(const YamlNode& node, std::string path, FindingList& findings)
        : map_(node, std::move(path), findings), node_(node), findings_(findings) {}

    std::optional<double> number(std::string_view key, NumberLimits limits = {});
    std::optional<int> integer(std::string_view key, int low, int high);
    std::optional<bool> boolean(std::string_view key);
    std::optional<std::string> text(std::string_view key, std::string pattern = {});
    std::optional<std::string> choice(std::string_view key, std::vector<std::string> choices);
    // Exactly `count` numbers: [12, 12].
    std::optional<std::vector<double>> numbers(std::string_view key, std::size_t count,
                                               NumberLimits limits = {});
    std::optional<Point> point(std::string_view key, NumberLimits limits = {});
    std::vector<Point> points(std::string_view key);
    // A list of texts, or one text.
    std::vector<std::string> texts(std::string_view key);

    const YamlNode* child(std::string_view key) { return map_.node(key); }
    const YamlNode* map(std::string_view key) { return map_.map(key); }
    const YamlNode* list(std::string_view key) { return map_.list(key); }
    std::string pathOf(std::string_view key) const { return map_.pathOf(key); }

    // Reports a key that was read but not found, with what to write.
    void require(std::string_view key, std::string_view example);
    void report(std::string_view key, std::string message);  // at the key's value, or the mapping
    void finish() { map_.finish(); }
    const YamlNode& node() const { return node_; }
    FindingList& findings() { return findings_; }

 private:
    std::optional<std::vector<double>> numbersOf(const YamlNode& list, std::string_view key,
                                                 std::size_t count, NumberLimits limits);

    MapReader map_;
    const YamlNode& node_;
    FindingList& findings_;
};

}  // namespace sheafline::sheets
