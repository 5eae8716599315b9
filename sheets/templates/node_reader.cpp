#include "templates/node_reader.h"

#include <utility>

#include "base/units.h"

namespace sheafline::sheets {

std::optional<double> NodeReader::number(std::string_view key, NumberLimits limits) {
    const auto text = map_.value(
        key,
        {.type = ParamType::number, .min = numberText(limits.low), .max = numberText(limits.high)});
    return text ? parseNumber(*text) : std::nullopt;
}

std::optional<int> NodeReader::integer(std::string_view key, int low, int high) {
    const auto text = map_.value(
        key, {.type = ParamType::integer, .min = std::to_string(low), .max = std::to_string(high)});
    const auto number = text ? parseInteger(*text) : std::nullopt;
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<bool> NodeReader::boolean(std::string_view key) {
    const auto text = map_.value(key, {.type = ParamType::boolean});
    return text ? parseBoolean(*text) : std::nullopt;
}

std::optional<std::string> NodeReader::text(std::string_view key, std::string pattern) {
    return map_.value(key, {.type = ParamType::string, .pattern = std::move(pattern)});
}

std::optional<std::string> NodeReader::choice(std::string_view key,
                                              std::vector<std::string> choices) {
    return map_.value(key, {.type = ParamType::choice, .choices = std::move(choices)});
}

std::optional<std::vector<double>> NodeReader::numbersOf(const YamlNode& list, std::string_view key,
                                                         std::size_t count, NumberLimits limits) {
    std::vector<double> numbers;
    for (const YamlNode& item : list.items) {
        const auto number = item.kind == YamlNode::Kind::scalar && !item.quoted
                                ? parseNumber(item.text)
                                : std::nullopt;
        if (number && *number >= limits.low && *number <= limits.high) numbers.push_back(*number);
    }
    if (list.kind == YamlNode::Kind::list && list.items.size() == count &&
        numbers.size() == count) {
        return numbers;
    }
    map_.report(list, key,
                std::string(key) + " wants " + std::to_string(count) + " numbers from " +
                    numberText(limits.low) + " to " + numberText(limits.high) + "; write " +
                    (count == 2 ? "[24, 34]" : "[166, 22, 26]"));
    return std::nullopt;
}

std::optional<std::vector<double>> NodeReader::numbers(std::string_view key, std::size_t count,
                                                       NumberLimits limits) {
    const YamlNode* found = map_.node(key);
    if (found == nullptr) return std::nullopt;
    return numbersOf(*found, key, count, limits);
}

std::optional<Point> NodeReader::point(std::string_view key, NumberLimits limits) {
    const auto pair = numbers(key, 2, limits);
    if (!pair) return std::nullopt;
    return Point{.x = pair->at(0), .y = pair->at(1)};
}

std::vector<Point> NodeReader::points(std::string_view key) {
    std::vector<Point> points;
    const YamlNode* found = map_.list(key);
    if (found == nullptr) return points;
    for (const YamlNode& item : found->items) {
        if (const auto pair = numbersOf(item, key, 2, {})) {
            points.push_back({.x = pair->at(0), .y = pair->at(1)});
        }
    }
    return points;
}

std::vector<std::string> NodeReader::texts(std::string_view key) {
    const YamlNode* found = map_.node(key);
    if (found == nullptr) return {};
    if (found->kind == YamlNode::Kind::list) return map_.texts(key);
    const auto text = map_.value(key, {.type = ParamType::string});
    return text ? std::vector{*text} : std::vector<std::string>{};
}

void NodeReader::require(std::string_view key, std::string_view example) {
    if (node_.kind != YamlNode::Kind::map || node_.find(key) != nullptr) return;
    map_.report(node_, key, std::string(key) + " is missing; write " + std::string(example));
}

void NodeReader::report(std::string_view key, std::string message) {
    const YamlNode* found = node_.find(key);
    map_.report(found != nullptr ? *found : node_, key, std::move(message));
}

}  // namespace sheafline::sheets
