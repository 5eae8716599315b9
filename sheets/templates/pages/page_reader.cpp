#include "templates/pages/page_reader.h"

#include <algorithm>
#include <utility>

#include <sheafline/sheets/read_image.h>

#include "templates/pages/layout_check.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

namespace {

constexpr NumberLimits kLengths{.low = 0.1, .high = 1000};
constexpr NumberLimits kShares{.low = 0, .high = 1};

}  // namespace

PageLayout PageReader::read() {
    readPage(map("page"));
    readAlignment(map("align"));
    addPageCorners();
    readCodeBox(map("qr"));
    const FieldDefaults form{.bubble = readBubble(map("bubble")),
                             .right_to_left = readDirection(shared_, false)};
    readFields(shared_.list("fields"), form);
    if (own_ != nullptr) readFields(own_->list("fields"), form);
    checkLayout();
    return std::move(layout_);
}

// Both are asked, so that a key that each page has is known to the template too.
const YamlNode* PageReader::map(std::string_view key) {
    const YamlNode* shared = shared_.map(key);
    const YamlNode* own = own_ != nullptr ? own_->map(key) : nullptr;
    return own != nullptr ? own : shared;
}

void PageReader::readCodeBox(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "qr", findings_);
    if (const auto box = reader.numbers("box", 3))
        template_.qr = QrBox{.x = box->at(0), .y = box->at(1), .side = box->at(2)};
    reader.require("box", "[166, 22, 26]: x, y and side");
    reader.finish();
}

void PageReader::readPage(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "page", findings_);
    template_.width = reader.number("width", {.low = 10, .high = 2000}).value_or(0);
    template_.height = reader.number("height", {.low = 10, .high = 2000}).value_or(0);
    reader.require("width", "the paper's width in millimeters: 210");
    reader.require("height", "the paper's height in millimeters: 297");
    reader.finish();
}

void PageReader::addPageCorners() {
    PageAlignment& align = template_.align;
    if (align.by != AlignBy::page && align.by != AlignBy::whole) return;
    const double right = template_.width;
    const double bottom = template_.height;
    align.centres = {{0, 0}, {right, 0}, {right, bottom}, {0, bottom}};
}

void PageReader::readAlignment(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "align", findings_);
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

void PageReader::readFiducials(const YamlNode* node) {
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

void PageReader::readPicture(const YamlNode* node) {
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
        const auto picture = namedFile(folder_, *file);
        align.picture = readImage(readBytes(picture), {.max_pixels = 4'000'000});
        template_.files.push_back(picture);
    } catch (const UnreadableImage& error) {
        reader.report("file", "'" + *file + "' cannot be used: " + error.what() +
                                  "; give a JPEG or PNG of the mark");
    }
}

// The page fills most of a scan, but not always all of it.
void PageReader::setPictureWidth(double width) {
    const double share = width / std::max(1.0, template_.width);
    template_.align.least_width = 0.8 * share;
    template_.align.most_width = 1.15 * share;
}

void PageReader::readOrientation(const YamlNode* node) {
    if (node == nullptr) return;
    NodeReader reader(*node, "align.orientation", findings_);
    const auto centre = reader.point("centre");
    const auto side = reader.number("side", kLengths);
    reader.require("centre", "[22, 12]");
    reader.require("side", "3");
    reader.finish();
    if (centre && side) template_.align.orientation = SquareMark{.centre = *centre, .side = *side};
}

BubbleForm PageReader::readBubble(const YamlNode* node) {
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

void PageReader::readFields(const YamlNode* list, const FieldDefaults& defaults) {
    if (list == nullptr) return;
    if (list->items.empty()) {
        findings_.add(list->line, list->column, "fields",
                      "there are no fields; write at least one");
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        addGroup(
            readFieldGroup(list->items[i], "fields." + std::to_string(i), defaults, findings_));
    }
}

bool PageReader::isTaken(const std::string& name) const {
    return name == kScore ||
           std::ranges::any_of(template_.images,
                               [&](const ImageArea& image) { return image.name == name; }) ||
           std::ranges::any_of(layout_.columns, [&](const PlacedColumn& placed) {
               return placed.column.name == name;
           });
}

void PageReader::addGroup(const FieldGroup& group) {
    const auto isFree = [&](const std::string& name) {
        if (!isTaken(name)) return true;
        findings_.add(group.node->line, group.node->column, "fields." + name,
                      "the name '" + name + "' is taken; choose another");
        return false;
    };
    const auto addColumn = [&](OutputColumn column) {
        if (isFree(column.name)) layout_.columns.push_back({std::move(column), group.node});
    };
    if (group.image) {
        if (!isFree(group.name)) return;
        template_.images.push_back(*group.image);
        layout_.image_places.push_back(group.node);
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

void PageReader::checkLayout() {
    const YamlNode& page = own_ != nullptr ? own_->node() : shared_.node();
    if (template_.fields.empty() && !template_.images.empty())
        findings_.add(page.line, page.column, "fields",
                      "there are only images; add a field with bubbles, which prove where the page "
                      "lies");
    for (std::size_t i = 0; i < template_.images.size(); ++i) {
        const ImageArea& image = template_.images[i];
        if (image.x + image.width > template_.width || image.y + image.height > template_.height)
            findings_.add(layout_.image_places[i]->line, layout_.image_places[i]->column,
                          "fields." + image.name,
                          "the box of " + image.name + " is outside the page; move it");
    }
    for (const LayoutFinding& finding : layoutFindings(template_)) {
        const YamlNode& place = *places_[finding.field];
        findings_.add(place.line, place.column, "fields", finding.message);
    }
}

}  // namespace sheafline::sheets
