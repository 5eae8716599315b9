#include "templates/pages/page_layouts.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sheafline/sheets/code_pattern.h>

#include "scores/key_file.h"

namespace sheafline::sheets {

namespace {

// What is on several pages comes from the same entry of the template.
void reportTaken(const YamlNode& place, const std::string& name, FindingList& findings) {
    findings.add(place.line, place.column, "fields." + name,
                 "the name '" + name +
                     "' is taken on another page; choose another, or move a field that is on every "
                     "page to the fields of the template");
}

void addColumn(Template& form, std::vector<PlacedColumn>& known, const PlacedColumn& placed,
               const Template& page, FindingList& findings) {
    const auto same = std::ranges::find_if(known, [&](const PlacedColumn& column) {
        return column.column.name == placed.column.name;
    });
    if (same != known.end()) {
        if (same->place != placed.place) reportTaken(*placed.place, placed.column.name, findings);
        return;
    }
    PlacedColumn merged{.column = {.name = placed.column.name}, .place = placed.place};
    for (const std::size_t field : placed.column.fields) {
        merged.column.fields.push_back(form.fields.size());
        form.fields.push_back(page.fields[field]);
    }
    known.push_back(std::move(merged));
}

const OutputColumn* columnOf(const PageLayout& layout, const std::string& name) {
    const auto found = std::ranges::find_if(
        layout.columns, [&](const PlacedColumn& placed) { return placed.column.name == name; });
    return found == layout.columns.end() ? nullptr : &found->column;
}

Template pageOf(const Template& form, PageLayout layout) {
    Template page = form;
    page.pages.clear();
    page.width = layout.sheet.width;
    page.height = layout.sheet.height;
    page.align = std::move(layout.sheet.align);
    page.qr = layout.sheet.qr;
    page.thresholds = layout.sheet.thresholds;
    page.fields = std::move(layout.sheet.fields);
    page.images = std::move(layout.sheet.images);
    page.output.clear();
    page.identity.clear();
    for (std::size_t i = 0; i < form.output.size(); ++i) {
        const OutputColumn& column = form.output[i];
        const OutputColumn* own = columnOf(layout, column.name);
        if (own == nullptr && !column.fields.empty()) continue;
        if (std::ranges::find(form.identity, i) != form.identity.end())
            page.identity.push_back(page.output.size());
        page.output.push_back(own != nullptr ? *own : column);
    }
    page.key = keyOfPage(form, page);
    return page;
}

bool isPageNumber(const std::string& value, std::size_t pages) {
    for (std::size_t page = 1; page <= pages; ++page) {
        if (value == std::to_string(page)) return true;
    }
    return false;
}

}  // namespace

std::vector<OutputColumn> mergeLayouts(Template& form, const std::vector<PageLayout>& layouts,
                                       FindingList& findings) {
    if (layouts.empty()) return {};
    form = layouts.front().sheet;
    form.fields.clear();
    form.images.clear();
    std::vector<PlacedColumn> known;
    std::vector<const YamlNode*> image_places;
    for (const PageLayout& layout : layouts) {
        for (const PlacedColumn& placed : layout.columns)
            addColumn(form, known, placed, layout.sheet, findings);
        for (std::size_t i = 0; i < layout.sheet.images.size(); ++i) {
            const ImageArea& image = layout.sheet.images[i];
            const auto same = std::ranges::find(form.images, image.name, &ImageArea::name);
            const auto at = static_cast<std::size_t>(same - form.images.begin());
            if (same == form.images.end()) {
                form.images.push_back(image);
                image_places.push_back(layout.image_places[i]);
            } else if (image_places[at] != layout.image_places[i]) {
                reportTaken(*layout.image_places[i], image.name, findings);
            }
        }
        for (const auto& file : layout.sheet.files) {
            if (std::ranges::find(form.files, file) == form.files.end()) form.files.push_back(file);
        }
    }
    std::vector<OutputColumn> columns;
    for (PlacedColumn& placed : known) {
        const auto image = std::ranges::find(form.images, placed.column.name, &ImageArea::name);
        if (image != form.images.end()) reportTaken(*placed.place, placed.column.name, findings);
        columns.push_back(std::move(placed.column));
    }
    return columns;
}

void splitIntoPages(Template& form, std::vector<PageLayout> layouts) {
    std::vector<Template> pages;
    for (PageLayout& layout : layouts) {
        pages.push_back(pageOf(form, std::move(layout)));
        pages.back().page = static_cast<int>(pages.size());
    }
    form.pages = std::move(pages);
}

std::string pageCodeFinding(const std::string& pattern) {
    try {
        const CodePattern code(pattern);
        if (std::ranges::find(code.names(), kPageGroup) != code.names().end()) return "";
        return "the pattern has no group 'page'; write one such as '[^/]+/(?<page>[0-9]+)/.*'";
    } catch (const std::invalid_argument& error) {
        return std::string(error.what()) + "; write a pattern such as '[^/]+/(?<page>[0-9]+)/.*'";
    }
}

std::string pageFieldFinding(const std::string& column, const std::vector<PageLayout>& layouts) {
    std::vector<const Field*> fields;
    for (const PageLayout& layout : layouts) {
        const OutputColumn* found = columnOf(layout, column);
        if (found == nullptr || found->fields.size() != 1)
            return "page " + std::to_string(fields.size() + 1) + " has no choice '" + column +
                   "'; add it to the fields of the template, with the numbers of the pages as "
                   "values";
        fields.push_back(&layout.sheet.fields[found->fields.front()]);
    }
    for (const Field* field : fields) {
        for (std::size_t page = 1; page <= layouts.size(); ++page) {
            const bool has = std::ranges::find(field->bubbles, std::to_string(page),
                                               &Bubble::value) != field->bubbles.end();
            if (!has)
                return "'" + column + "' has no value " + std::to_string(page) +
                       "; its values must name every page";
        }
        for (const Bubble& bubble : field->bubbles) {
            if (!isPageNumber(bubble.value, layouts.size()))
                return "the value '" + bubble.value + "' of '" + column +
                       "' is not the number of a page; remove it";
        }
    }
    return "";
}

}  // namespace sheafline::sheets
