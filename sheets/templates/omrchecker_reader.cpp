#include "templates/omrchecker_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include <sheafline/sheets/read_image.h>

#include "base/units.h"
#include "scores/key_file.h"
#include "templates/label_range.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

namespace {

// A number of a file may be too large for an int.
int wholeWithin(double number, int least, int most) {
    return static_cast<int>(std::clamp<double>(number, least, most));
}

struct FieldType {
    std::string_view name;
    std::string_view values;
    bool vertical;
};

constexpr std::array kFieldTypes = {
    FieldType{"QTYPE_INT", "0123456789", true}, FieldType{"QTYPE_INT_FROM_1", "1234567890", true},
    FieldType{"QTYPE_MCQ4", "ABCD", false},     FieldType{"QTYPE_MCQ4_RTL", "DCBA", false},
    FieldType{"QTYPE_MCQ5", "ABCDE", false},    FieldType{"QTYPE_MCQ5_RTL", "EDCBA", false}};

// Numbers in names count as numbers: q2 before q10.
bool naturallyBefore(const std::string& a, const std::string& b) {
    const auto isDigit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::size_t i = 0;
    std::size_t k = 0;
    while (i < a.size() && k < b.size()) {
        if (isDigit(a[i]) && isDigit(b[k])) {
            std::size_t end_a = i;
            std::size_t end_b = k;
            while (end_a < a.size() && isDigit(a[end_a])) ++end_a;
            while (end_b < b.size() && isDigit(b[end_b])) ++end_b;
            const auto number_a =
                std::stoul("0" + a.substr(i, std::min<std::size_t>(end_a - i, 9)));
            const auto number_b =
                std::stoul("0" + b.substr(k, std::min<std::size_t>(end_b - k, 9)));
            if (number_a != number_b) return number_a < number_b;
            i = end_a;
            k = end_b;
            continue;
        }
        if (a[i] != b[k]) return a[i] < b[k];
        ++i;
        ++k;
    }
    return a.size() - i < b.size() - k;
}

std::string textOf(const YamlNode* node) { return node == nullptr ? "" : node->text; }

}  // namespace

Template OmrCheckerReader::read() {
    template_.name = "omrchecker";
    template_.align.outlined = false;
    template_.short_numbers = true;
    const auto page = pair(root_.find("pageDimensions"), root_, "pageDimensions");
    const auto bubble = pair(root_.find("bubbleDimensions"), root_, "bubbleDimensions");
    if (page.empty() || bubble.empty()) return {};
    template_.width = page[0];
    template_.height = page[1];
    bubble_width_ = bubble[0];
    bubble_height_ = bubble[1];
    template_.align.centres = {{0, 0}, {page[0], 0}, {page[0], page[1]}, {0, page[1]}};
    template_.empty_value = textOf(root_.find("emptyValue"));
    readPreProcessors();
    const YamlNode* blocks = root_.find("fieldBlocks");
    if (blocks == nullptr || blocks->kind != YamlNode::Kind::map || blocks->items.empty()) {
        report(root_, "fieldBlocks", "fieldBlocks is missing or empty; write at least one");
        return {};
    }
    for (std::size_t i = 0; i < blocks->items.size(); ++i)
        readFieldBlock(blocks->keys[i].text, blocks->items[i]);
    readColumns();
    const auto evaluation = folder_ / "evaluation.json";
    std::error_code ignored;
    if (!std::filesystem::exists(evaluation, ignored)) {
        template_.key_files.push_back(evaluation);
    } else if (findings_.empty()) {
        template_.key = readKeyFile(evaluation, template_, template_.key_files);
        addScoreColumns(template_);
    }
    return std::move(template_);
}

void OmrCheckerReader::readPreProcessors() {
    const YamlNode* list = root_.find("preProcessors");
    if (list == nullptr) return;
    for (const YamlNode& item : list->items) {
        const std::string name = textOf(item.find("name"));
        static const YamlNode kNone{};
        const YamlNode* given = item.find("options");
        const YamlNode& options = given == nullptr ? kNone : *given;
        PageAlignment& align = template_.align;
        if (name == "CropPage") {
            align.crop_page = true;
            if (align.by == AlignBy::whole) align.by = AlignBy::page;
        } else if (name == "CropOnMarkers") {
            readMarkers(options);
        } else if (name == "GaussianBlur") {
            const YamlNode* size = options.find("kSize");
            const auto kernel =
                size == nullptr ? std::vector<double>{3, 3} : pair(size, options, "kSize");
            if (kernel.empty()) continue;
            template_.filters.push_back({.kind = ImageFilter::Kind::gaussian_blur,
                                         .width = wholeWithin(kernel[0], 1, 99),
                                         .height = wholeWithin(kernel[1], 1, 99)});
        } else if (name == "MedianBlur") {
            const int size = wholeWithin(number(options.find("kSize"), 5), 1, 31);
            template_.filters.push_back(
                {.kind = ImageFilter::Kind::median_blur, .width = size, .height = size});
        } else if (name == "Levels") {
            template_.filters.push_back({.kind = ImageFilter::Kind::levels,
                                         .low = number(options.find("low"), 0),
                                         .high = number(options.find("high"), 1),
                                         .gamma = number(options.find("gamma"), 1)});
        } else {
            const bool features = name == "FeatureBasedAlignment";
            report(item, "preProcessors",
                   features ? "FeatureBasedAlignment (by the features of a reference scan) is not "
                              "supported; use CropOnMarkers if the form has markers, CropPage if "
                              "the edges of the paper are visible, or remove it if the scan shows "
                              "the whole page"
                            : "there is no pre-processor '" + name +
                                  "'; known are CropPage, CropOnMarkers, GaussianBlur, MedianBlur, "
                                  "Levels");
        }
    }
}

void OmrCheckerReader::readMarkers(const YamlNode& options) {
    PageAlignment& align = template_.align;
    align.by = AlignBy::image;
    const std::string file = textOf(options.find("relativePath"));
    const double ratio = number(options.find("sheetToMarkerWidthRatio"), 17);
    double low = 35;
    double high = 100;
    if (const YamlNode* range = options.find("marker_rescale_range")) {
        const auto percents = pair(range, options, "marker_rescale_range");
        if (!percents.empty()) {
            low = percents[0];
            high = percents[1];
        }
    }
    align.least_width = low / 100 / std::max(ratio, 1.0);
    align.most_width = high / 100 / std::max(ratio, 1.0);
    align.side = template_.width / std::max(ratio, 1.0);
    try {
        const auto picture = namedFile(folder_, file);
        align.picture = readImage(readBytes(picture), {.max_pixels = 4'000'000});
        template_.files.push_back(picture);
    } catch (const UnreadableImage& error) {
        report(options, "relativePath",
               "the marker '" + file + "' cannot be used: " + error.what() +
                   "; give its path beside the template");
    }
}

std::optional<OmrCheckerReader::BubbleRow> OmrCheckerReader::readBubbleRow(const YamlNode& block,
                                                                           const std::string& key) {
    BubbleRow row;
    const std::string type_name = textOf(block.find("fieldType"));
    const auto* const type = std::ranges::find(kFieldTypes, type_name, &FieldType::name);
    if (type != kFieldTypes.end()) {
        row.vertical = type->vertical;
        for (const char value : type->values) row.values.emplace_back(1, value);
    } else if (!type_name.empty()) {
        std::string known;
        for (const FieldType& each : kFieldTypes)
            known.append(known.empty() ? "" : ", ").append(each.name);
        report(block, key, "there is no fieldType '" + type_name + "'; known are " + known);
        return std::nullopt;
    }
    if (const YamlNode* own = block.find("bubbleValues")) {
        row.values.clear();
        for (const YamlNode& value : own->items) row.values.push_back(value.text);
    }
    if (const YamlNode* direction = block.find("direction"))
        row.vertical = direction->text == "vertical";
    if (const YamlNode* own = block.find("emptyValue");
        own != nullptr && own->text != template_.empty_value) {
        report(*own, key + ".emptyValue",
               "a field block with a different emptyValue is not supported; use one for the whole "
               "template");
    }
    return row;
}

void OmrCheckerReader::readFieldBlock(const std::string& name, const YamlNode& block) {
    const std::string key = "fieldBlocks." + name;
    const auto row = readBubbleRow(block, key);
    if (!row) return;
    const auto& [values, vertical] = *row;
    const auto origin = pair(block.find("origin"), block, key + ".origin");
    const auto labels = labelsOf(block.find("fieldLabels"));
    if (values.empty()) report(block, key, "no bubbles; give fieldType or bubbleValues");
    if (labels.empty()) report(block, key, "no fieldLabels; write [\"q1..5\"]");
    if (origin.empty() || values.empty()) return;
    double width = bubble_width_;
    double height = bubble_height_;
    if (const YamlNode* own = block.find("bubbleDimensions")) {
        const auto size = pair(own, block, key + ".bubbleDimensions");
        if (!size.empty()) {
            width = size[0];
            height = size[1];
        }
    }
    const double bubbles_gap = number(block.find("bubblesGap"), 0);
    const double labels_gap = number(block.find("labelsGap"), 0);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (fieldNamed(labels[i]) < template_.fields.size()) {
            report(block, key, "the label '" + labels[i] + "' appears twice; remove one");
            continue;
        }
        Field field{.name = labels[i],
                    .rule = MarkRule::at_most_one,
                    .half_width = width / 2,
                    .half_height = height / 2};
        for (std::size_t v = 0; v < values.size(); ++v) {
            const double along = static_cast<double>(v) * bubbles_gap;
            const double next = static_cast<double>(i) * labels_gap;
            field.bubbles.push_back(
                {.centre = {.x = origin[0] + width / 2 + (vertical ? next : along),
                            .y = origin[1] + height / 2 + (vertical ? along : next)},
                 .value = values[v]});
        }
        template_.fields.push_back(std::move(field));
    }
}

void OmrCheckerReader::readColumns() {
    std::vector<OutputColumn> columns;
    std::set<std::string> taken;
    if (const YamlNode* custom = root_.find("customLabels")) {
        for (std::size_t i = 0; i < custom->items.size(); ++i) {
            OutputColumn column{.name = custom->keys[i].text};
            for (const std::string& label : labelsOf(&custom->items[i])) {
                const std::size_t index = fieldNamed(label);
                if (index == template_.fields.size()) {
                    report(custom->items[i], "customLabels." + column.name,
                           "there is no label '" + label + "' in fieldBlocks");
                    continue;
                }
                taken.insert(label);
                column.fields.push_back(index);
            }
            columns.push_back(std::move(column));
        }
    }
    for (std::size_t i = 0; i < template_.fields.size(); ++i) {
        const std::string& label = template_.fields[i].name;
        if (!taken.contains(label)) columns.push_back({.name = label, .fields = {i}});
    }
    const auto wanted = labelsOf(root_.find("outputColumns"));
    if (wanted.empty()) {
        std::ranges::sort(columns, naturallyBefore, &OutputColumn::name);
        template_.output = std::move(columns);
        return;
    }
    for (const std::string& name : wanted) {
        const auto found = std::ranges::find(columns, name, &OutputColumn::name);
        if (found != columns.end())
            template_.output.push_back(*found);
        else
            report(*root_.find("outputColumns"), "outputColumns",
                   "there is no label '" + name + "'");
    }
}

std::vector<std::string> OmrCheckerReader::labelsOf(const YamlNode* list) {
    std::vector<std::string> labels;
    if (list == nullptr) return labels;
    for (const YamlNode& item : list->items) {
        const auto names = expandRange(item.text);
        if (names.empty())
            report(item, "labels", "'" + item.text + "' is not a range such as q1..5");
        labels.insert(labels.end(), names.begin(), names.end());
    }
    return labels;
}

std::vector<double> OmrCheckerReader::pair(const YamlNode* node, const YamlNode& parent,
                                           const std::string& key) {
    std::vector<double> numbers;
    if (node != nullptr) {
        for (const YamlNode& item : node->items) {
            if (const auto value = parseNumber(item.text)) numbers.push_back(*value);
        }
    }
    if (numbers.size() == 2 && numbers[0] >= 0 && numbers[1] >= 0) return numbers;
    report(node == nullptr ? parent : *node, key, key + " requires two numbers; write [300, 400]");
    return {};
}

double OmrCheckerReader::number(const YamlNode* node, double otherwise) {
    if (node == nullptr) return otherwise;
    const auto value = parseNumber(node->text);
    if (!value) report(*node, "", "'" + node->text + "' is not a number");
    return value.value_or(otherwise);
}

void OmrCheckerReader::report(const YamlNode& at, const std::string& key, std::string message) {
    findings_.add(at.line, at.column, key, std::move(message));
}

std::size_t OmrCheckerReader::fieldNamed(const std::string& label) const {
    const auto found = std::ranges::find(template_.fields, label, &Field::name);
    return static_cast<std::size_t>(found - template_.fields.begin());
}

}  // namespace sheafline::sheets
