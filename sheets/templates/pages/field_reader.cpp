#include "templates/pages/field_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sheafline::sheets {

namespace {

constexpr const char* kNamePattern = "^[A-Za-z_][A-Za-z0-9_]{0,39}$";
constexpr NumberLimits kSteps{.low = -1000, .high = 1000};
constexpr int kMostQuestions = 1000;

struct Run {
    Point origin{};
    int count = 0;
};

// Where the questions of one entry begin: `columns`, or `origin` alone.
std::vector<Run> readRuns(NodeReader& reader, int count) {
    const auto origin = reader.point("origin");
    const YamlNode* columns = reader.list("columns");
    if (columns == nullptr) {
        if (!origin && reader.node().find("columns") == nullptr)
            reader.require("origin", "[24, 34]");
        return origin ? std::vector{Run{.origin = *origin, .count = count}} : std::vector<Run>{};
    }
    if (origin) reader.report("origin", "origin and columns exclude each other; keep one");
    std::vector<Run> runs;
    int sum = 0;
    for (std::size_t i = 0; i < columns->items.size(); ++i) {
        NodeReader column(columns->items[i], reader.pathOf("columns." + std::to_string(i)),
                          reader.findings());
        const auto start = column.point("origin");
        const auto length = column.integer("count", 1, kMostQuestions);
        column.require("origin", "[26, 100]");
        column.require("count", "20");
        column.finish();
        if (start && length) runs.push_back({.origin = *start, .count = *length});
        sum += length.value_or(0);
    }
    if (runs.size() == columns->items.size() && sum != count) {
        reader.report("columns", "the columns have " + std::to_string(sum) +
                                     " questions, but count is " + std::to_string(count) +
                                     "; make them equal");
    }
    return runs;
}

// Each letter of a text, or the items of a list.
std::vector<std::string> readValues(NodeReader& reader, bool digits) {
    const YamlNode* node = reader.child("values");
    std::vector<std::string> values;
    if (node == nullptr) {
        if (!digits) reader.require("values", "ABCDE, or [yes, no]");
        if (digits)
            for (char digit = '0'; digit <= '9'; ++digit) values.emplace_back(1, digit);
        return values;
    }
    if (node->kind == YamlNode::Kind::list) {
        values = reader.texts("values");
    } else {
        for (const char letter : reader.text("values", "^[!-~]+$").value_or("")) {
            values.emplace_back(1, letter);
        }
    }
    auto sorted = values;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) {
        reader.report("values", "a value appears twice in values; remove one");
    }
    if (values.size() > 100) reader.report("values", "more than 100 values; split the field");
    return values;
}

MarkRule readRule(NodeReader& reader, bool digits) {
    const auto rule = reader.choice("rule", {"exactly_one", "at_most_one", "any"});
    if (!rule) return digits ? MarkRule::exactly_one : MarkRule::at_most_one;
    if (*rule == "any") return MarkRule::any;
    return *rule == "exactly_one" ? MarkRule::exactly_one : MarkRule::at_most_one;
}

// A distance, which counts to the left in a field that runs from right to left.
std::optional<Point> readStep(NodeReader& reader, const std::string& key, bool right_to_left) {
    auto step = reader.point(key, kSteps);
    if (!step || !right_to_left) return step;
    if (step->x < 0)
        reader.report(key, "with direction: rtl, " + key +
                               " leads to the left without a sign; remove the sign, or the "
                               "direction");
    step->x = -step->x;
    return step;
}

void requirePoints(NodeReader& reader, std::size_t points, std::size_t bubbles) {
    for (const char* key : {"origin", "columns", "step", "value_step"}) {
        if (reader.child(key) != nullptr)
            reader.report(key, std::string(key) + " and points exclude each other; keep one");
    }
    if (points != bubbles && bubbles > 0)
        reader.report("points", "there are " + std::to_string(points) + " points for " +
                                    std::to_string(bubbles) +
                                    " bubbles; write one for each, question by question");
}

// A field of the type `image`: a box that stays a picture.
std::optional<ImageArea> readImageArea(NodeReader& reader, const std::string& name) {
    const auto box = reader.numbers("box", 4);
    reader.require("box", "[24, 250, 80, 20]: x, y, width and height");
    reader.finish();
    if (!box) return std::nullopt;
    if (box->at(2) < 1 || box->at(3) < 1) {
        reader.report("box", "the box is smaller than 1 mm; give x, y, width and height");
        return std::nullopt;
    }
    return ImageArea{
        .name = name, .x = box->at(0), .y = box->at(1), .width = box->at(2), .height = box->at(3)};
}

}  // namespace

BubbleForm readBubbleForm(NodeReader& reader, const BubbleForm& otherwise) {
    constexpr NumberLimits kSizes{.low = 0.2, .high = 200};
    BubbleForm form = otherwise;
    const auto radius = reader.number("radius", {.low = 0.2, .high = 100});
    const auto width = reader.number("width", kSizes);
    const auto height = reader.number("height", kSizes);
    if (radius && (width || height))
        reader.report("radius", "radius and width with height exclude each other; keep one");
    if (width.has_value() != height.has_value())
        reader.report(width ? "width" : "height", "give both width and height, or radius alone");
    if (radius) form.half_width = form.half_height = *radius;
    if (width && height) {
        form.half_width = *width / 2;
        form.half_height = *height / 2;
    }
    const auto shape = reader.choice("shape", {"circle", "oval", "square", "bracket"});
    if (!shape) return form;
    if (*shape == "square") form.shape = BubbleShape::square;
    if (*shape == "bracket") form.shape = BubbleShape::bracket;
    if (*shape == "oval") form.shape = BubbleShape::oval;
    if (*shape == "circle") form.shape = BubbleShape::circle;
    return form;
}

bool readDirection(NodeReader& reader, bool otherwise) {
    const auto direction = reader.choice("direction", {"ltr", "rtl"});
    return direction ? *direction == "rtl" : otherwise;
}

FieldGroup readFieldGroup(const YamlNode& node, const std::string& path,
                          const FieldDefaults& defaults, FindingList& findings) {
    NodeReader reader(node, path, findings);
    FieldGroup group{.node = &node};
    if (node.kind != YamlNode::Kind::map) return group;
    group.name = reader.text("name", kNamePattern).value_or("");
    const std::string type =
        reader.choice("type", {"choice", "digits", "image"}).value_or("choice");
    const bool digits = type == "digits";
    if (type == "image") {
        reader.require("name", "a name, such as signature");
        group.image = readImageArea(reader, group.name);
        return group;
    }
    const bool counted = node.find("count") != nullptr;
    const int count = reader.integer("count", 1, kMostQuestions).value_or(1);
    const auto first = reader.integer("first", 0, 1'000'000);
    const auto values = readValues(reader, digits);
    const auto points = reader.points("points");
    const bool free = node.find("points") != nullptr;
    const auto runs = free ? std::vector<Run>{} : readRuns(reader, count);
    const bool right_to_left = readDirection(reader, defaults.right_to_left);
    if (free && reader.child("direction") != nullptr)
        reader.report("direction",
                      "points have no direction; remove it, and list the points in the "
                      "order of the values");
    // Numbers are written from left to right everywhere, so the digits keep their order.
    const auto step = free ? std::nullopt : readStep(reader, "step", right_to_left && !digits);
    const auto value_step = free ? std::nullopt : readStep(reader, "value_step", right_to_left);
    group.joined = reader.boolean("join").value_or(false);
    const BubbleForm own = readBubbleForm(reader, defaults.bubble);
    const MarkRule rule = readRule(reader, digits);
    reader.require("name", "a name, such as q");
    if (values.size() > 1 && !free) reader.require("value_step", "[7, 0]");
    if (count > 1 && !free) reader.require("step", "[0, 7]");
    if (free) requirePoints(reader, points.size(), values.size() * static_cast<std::size_t>(count));
    if (own.half_width <= 0)
        reader.require("radius", "the bubbles' radius, or bubble: {radius: 2.3}");
    if (group.joined && first)
        reader.report("first", "a joined field has no numbers; remove first");
    reader.finish();

    int number = first.value_or(1);
    const auto addField = [&](const auto& centre_of) {
        Field field{.name = group.name,
                    .rule = rule,
                    .half_width = own.half_width,
                    .half_height = own.half_height,
                    .shape = own.shape};
        if (group.joined) field.name += "." + std::to_string(number);
        if (!group.joined && (counted || first)) field.name += std::to_string(number);
        for (std::size_t v = 0; v < values.size(); ++v)
            field.bubbles.push_back({.centre = centre_of(v), .value = values[v]});
        group.fields.push_back(std::move(field));
        ++number;
    };
    const Point next = step.value_or(Point{});
    const Point beside = value_step.value_or(Point{});
    for (const Run& run : runs) {
        for (int i = 0; i < run.count; ++i)
            addField([&](std::size_t v) {
                const auto across = static_cast<double>(v);
                return Point{.x = run.origin.x + i * next.x + across * beside.x,
                             .y = run.origin.y + i * next.y + across * beside.y};
            });
    }
    if (points.size() == values.size() * static_cast<std::size_t>(count)) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
            addField([&](std::size_t v) { return points[i * values.size() + v]; });
    }
    return group;
}

}  // namespace sheafline::sheets
