#include "templates/template_reader.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/read_image.h>

#include "base/did_you_mean.h"
#include "templates/answer_key.h"
#include "templates/key_check.h"
#include "templates/label_range.h"
#include "templates/layout_check.h"

namespace sheafline::sheets {

namespace {

constexpr const char* kScore = "score";
constexpr NumberLimits kLengths{.low = 0.1, .high = 1000};
constexpr NumberLimits kShares{.low = 0, .high = 1};

}  // namespace

Template TemplateReader::read() {
    if (root_.kind == YamlNode::Kind::null) return {};
    NodeReader top(root_, "", findings_);
    if (root_.kind != YamlNode::Kind::map) return {};
    template_.name = top.text("sheet", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$").value_or("");
    readPage(top.map("page"));
    if (const YamlNode* align = top.map("align")) readAlignment(*align);
    addPageCorners();
    if (const YamlNode* qr = top.map("qr")) {
        NodeReader reader(*qr, "qr", findings_);
        if (const auto box = reader.numbers("box", 3))
            template_.qr = QrBox{.x = box->at(0), .y = box->at(1), .side = box->at(2)};
        reader.require("box", "[166, 22, 26]: x, y and side");
        reader.finish();
    }
    readCodes(top);
    const BubbleForm form = readBubble(top.map("bubble"));
    readFields(top.list("fields"), form);
    const auto key = top.text("key");
    if (key) {
        template_.key = readAnswerKey(folder_ / *key);
        template_.key_files.push_back(folder_ / *key);
    }
    template_.empty_value = top.text("empty").value_or("");
    template_.placeholder = top.text("placeholder", "^[!-~]$").value_or("_");
    template_.filled_cancels =
        top.choice("cancel", {"filled", "none"}).value_or("none") == "filled";
    readOutput(top);
    readIdentity(top);
    checkQrPattern(top);
    template_.differing_is_flagged =
        top.choice("differs", {"quarantine", "flag"}).value_or("quarantine") == "flag";
    if (template_.differing_is_flagged && root_.find("check") == nullptr)
        top.report("differs", "there is no check to differ from; add check: '.*/{student}'");
    top.finish();
    top.require("sheet", "a name, such as sheet: demo");
    top.require("page", "page: {width: 210, height: 297}");
    top.require("fields", "fields: [{name: q, …}]");
    checkLayout();
    for (const std::string& finding : findKeyFindings(template_)) top.report("key", finding);
    return std::move(template_);
}

void TemplateReader::readCodes(NodeReader& top) {
    for (const std::string& name : top.texts("codes")) {
        const auto format = codeFormatNamed(name);
        if (format)
            template_.codes.push_back(*format);
        else
            top.report("codes", "'" + name + "' is not a kind of code; " +
                                    didYouMean(name, {"qr", "datamatrix", "aztec", "pdf417",
                                                      "code128", "code39", "ean"}));
    }
}

void TemplateReader::readPage(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "page", findings_);
    template_.width = reader.number("width", {.low = 10, .high = 2000}).value_or(0);
    template_.height = reader.number("height", {.low = 10, .high = 2000}).value_or(0);
    reader.require("width", "the paper's width in millimeters: 210");
    reader.require("height", "the paper's height in millimeters: 297");
    reader.finish();
}

void TemplateReader::addPageCorners() {
    PageAlignment& align = template_.align;
    if (align.by != AlignBy::page && align.by != AlignBy::whole) return;
    const double right = template_.width;
    const double bottom = template_.height;
    align.centres = {{0, 0}, {right, 0}, {right, bottom}, {0, bottom}};
}

void TemplateReader::readAlignment(const YamlNode& node) {
    NodeReader reader(node, "align", findings_);
    const YamlNode* fiducials = reader.map("fiducials");
    const YamlNode* image = reader.map("image");
    const auto page = reader.choice("page", {"outline", "whole"});
    if (reader.child("features") != nullptr) {
        reader.report("features",
                      "alignment by the features of a reference scan is not supported; "
                      "use fiducials, image or page: outline");
    }
    readOrientation(reader.map("orientation"));
    reader.finish();
    if ((fiducials != nullptr) + (image != nullptr) + page.has_value() > 1) {
        reader.report("fiducials", "fiducials, image and page exclude each other; keep one");
    }
    readFiducials(fiducials);
    readPicture(image);
    if (page && *page == "outline") template_.align.by = AlignBy::page;
}

void TemplateReader::readFiducials(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "align.fiducials", findings_);
    PageAlignment& align = template_.align;
    align.by = AlignBy::fiducials;
    const std::string shape =
        reader.choice("shape", {"square", "circle", "corner"}).value_or("square");
    if (shape == "circle") align.shape = FiducialShape::circle;
    if (shape == "corner") align.shape = FiducialShape::corner;
    align.side = reader.number("side", kLengths).value_or(0);
    align.line = reader.number("line", kLengths).value_or(align.side / 6);
    // A corner is looked for with half an arm of paper around it.
    setPictureWidth(1.5 * align.side);
    align.centres = reader.points("centres");
    reader.require("side", "the side of a mark in millimeters: 6");
    reader.require("centres", "[[12, 12], [198, 12], [198, 285], [12, 285]]");
    if (!align.centres.empty() && align.centres.size() != 4) {
        reader.report("centres", "there are " + std::to_string(align.centres.size()) +
                                     " marks; write four, clockwise from the top left");
    }
    reader.finish();
}

void TemplateReader::readPicture(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "align.image", findings_);
    PageAlignment& align = template_.align;
    align.by = AlignBy::image;
    align.side = reader.number("width", kLengths).value_or(0);
    setPictureWidth(align.side);
    align.centres = reader.points("centres");
    const auto file = reader.text("file");
    reader.require("file", "the picture's file, beside the template");
    reader.require("width", "the picture's width on the page in millimeters");
    reader.require("centres", "[[12, 12], [198, 12], [198, 285], [12, 285]]");
    if (!align.centres.empty() && align.centres.size() != 4) {
        reader.report("centres", "write four places, clockwise from the top left");
    }
    reader.finish();
    if (!file) return;
    try {
        align.picture = readImage(readBytes(folder_ / *file), {.max_pixels = 4'000'000});
        template_.files.push_back(folder_ / *file);
    } catch (const UnreadableImage& error) {
        reader.report("file", "'" + *file + "' cannot be used: " + error.what() +
                                  "; give a JPEG or PNG of the mark");
    }
}

// The page fills most of a scan, but not always all of it.
void TemplateReader::setPictureWidth(double width) {
    const double share = width / std::max(1.0, template_.width);
    template_.align.least_width = 0.8 * share;
    template_.align.most_width = 1.15 * share;
}

void TemplateReader::readOrientation(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "align.orientation", findings_);
    const auto centre = reader.point("centre");
    const auto side = reader.number("side", kLengths);
    reader.require("centre", "[22, 12]");
    reader.require("side", "3");
    reader.finish();
    if (centre && side) template_.align.orientation = SquareMark{.centre = *centre, .side = *side};
}

BubbleForm TemplateReader::readBubble(const YamlNode* node) {
    if (node == nullptr) return {};
    NodeReader reader(*node, "bubble", findings_);
    const BubbleForm form = readBubbleForm(reader, {});
    template_.thresholds.full = reader.number("full", kShares);
    template_.thresholds.faint = reader.number("faint", kShares);
    template_.align.outlined = reader.boolean("outlined").value_or(true);
    if (template_.thresholds.full && template_.thresholds.faint &&
        *template_.thresholds.faint >= *template_.thresholds.full) {
        reader.report("faint", "faint must be below full; a faint mark is paler than a full one");
    }
    reader.finish();
    return form;
}

void TemplateReader::readFields(const YamlNode* list, const BubbleForm& form) {
    if (list == nullptr) return;
    if (list->items.empty()) {
        findings_.add(list->line, list->column, "fields",
                      "there are no fields; write at least one");
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        addGroup(readFieldGroup(list->items[i], "fields." + std::to_string(i), form, findings_));
    }
}

void TemplateReader::addGroup(const FieldGroup& group) {
    const auto addColumn = [&](OutputColumn column) {
        const bool is_image = std::ranges::find(template_.images, column.name, &ImageArea::name) !=
                              template_.images.end();
        if (columnNamed(column.name) < all_columns_.size() || column.name == kScore || is_image) {
            findings_.add(group.node->line, group.node->column, "fields." + column.name,
                          "the name '" + column.name + "' is taken; choose another");
            return;
        }
        all_columns_.push_back(std::move(column));
    };
    if (group.image) {
        const auto isTaken = [&](const auto& named) { return named.name == group.name; };
        if (std::ranges::any_of(template_.images, isTaken) || group.name == kScore ||
            columnNamed(group.name) < all_columns_.size())
            findings_.add(group.node->line, group.node->column, "fields." + group.name,
                          "the name '" + group.name + "' is taken; choose another");
        else
            template_.images.push_back(*group.image);
        return;
    }
    OutputColumn joined{.name = group.name};
    for (const Field& field : group.fields) {
        const std::size_t index = template_.fields.size();
        if (group.joined)
            joined.fields.push_back(index);
        else
            addColumn({.name = field.name, .fields = {index}});
        template_.fields.push_back(field);
        places_.push_back(group.node);
    }
    if (group.joined && !joined.fields.empty()) addColumn(std::move(joined));
}

void TemplateReader::checkLayout() {
    if (template_.fields.empty() && !template_.images.empty())
        findings_.add(root_.line, root_.column, "fields",
                      "there are only images; add a field with bubbles, which prove where the page "
                      "lies");
    for (const ImageArea& image : template_.images) {
        if (image.x + image.width > template_.width || image.y + image.height > template_.height)
            findings_.add(root_.line, root_.column, "fields." + image.name,
                          "the box of " + image.name + " is outside the page; move it");
    }
    for (const LayoutFinding& finding : layoutFindings(template_)) {
        const YamlNode& place = *places_[finding.field];
        findings_.add(place.line, place.column, "fields", finding.message);
    }
}

void TemplateReader::readOutput(NodeReader& top) {
    for (const std::string& entry : top.texts("output")) {
        const auto names = expandRange(entry);
        if (names.empty()) {
            top.report("output", "'" + entry + "' is not a range; write one such as q1..q60");
        }
        for (const std::string& name : names) {
            if (name == kScore) {
                if (template_.key.empty() && root_.find("key") == nullptr)
                    top.report("output", "a score needs a key; add key: answers.csv");
                template_.output.push_back({.name = kScore});
                continue;
            }
            const std::size_t column = columnNamed(name);
            if (column >= all_columns_.size() && (name == kReviewedBy || name == kReviewedAt)) {
                template_.review_columns.push_back(name);
                continue;
            }
            if (column < all_columns_.size()) {
                template_.output.push_back(all_columns_[column]);
                continue;
            }
            if (std::ranges::find(template_.images, name, &ImageArea::name) !=
                template_.images.end()) {
                top.report("output", "'" + name + "' is an image, which has no text; remove it");
                continue;
            }
            std::vector<std::string> known;
            for (const auto& each : all_columns_) known.push_back(each.name);
            top.report("output", "there is no field '" + name + "'; " + didYouMean(name, known));
        }
    }
    std::vector<std::string> names;
    for (const auto& column : template_.output) names.push_back(column.name);
    names.insert(names.end(), template_.review_columns.begin(), template_.review_columns.end());
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
        top.report("output", "'" + *twice + "' appears twice in output; remove one");
    if (root_.find("output") != nullptr) return;
    template_.output = all_columns_;
    if (!template_.key.empty()) template_.output.push_back({.name = kScore});
}

void TemplateReader::readIdentity(NodeReader& top) {
    std::vector<std::string> known;
    for (const OutputColumn& column : template_.output) {
        if (!column.fields.empty()) known.push_back(column.name);
    }
    for (const std::string& name : top.texts("identity")) {
        const auto found = std::ranges::find(template_.output, name, &OutputColumn::name);
        if (found == template_.output.end() || found->fields.empty()) {
            top.report("identity",
                       "there is no field '" + name + "' in output; " + didYouMean(name, known));
            continue;
        }
        template_.identity.push_back(static_cast<std::size_t>(found - template_.output.begin()));
    }
}

void TemplateReader::checkQrPattern(NodeReader& top) {
    const auto pattern = top.text("check");
    if (!pattern) return;
    try {
        const auto names = namesIn(*pattern);
        if (names.empty()) throw std::invalid_argument("it names no column in braces");
        for (const std::string& name : names) {
            if (std::ranges::find(template_.output, name, &OutputColumn::name) ==
                template_.output.end()) {
                throw std::invalid_argument("there is no column '" + name + "' in output");
            }
        }
        static_cast<void>(CodePattern(fillForm(*pattern, {})));
        template_.qr_check = *pattern;
    } catch (const std::invalid_argument& error) {
        top.report("check", std::string("check: ") + error.what() +
                                "; write a pattern such as '.*/{student}'");
    }
}

std::size_t TemplateReader::columnNamed(std::string_view name) const {
    const auto found = std::ranges::find(all_columns_, name, &OutputColumn::name);
    return static_cast<std::size_t>(found - all_columns_.begin());
}

}  // namespace sheafline::sheets
