#include "templates/template_reader.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/code_pattern.h>

#include "base/did_you_mean.h"
#include "templates/label_range.h"
#include "templates/pages/page_layouts.h"

namespace sheafline::sheets {

namespace {

constexpr std::size_t kMostPages = 100;
// The page is the second part, as in the codes of printed sheets: MATH-7B/2/2400123.
constexpr const char* kPageCode = "[^/]*/(?<page>[0-9]+)(/.*)?";

}  // namespace

Template TemplateReader::read() {
    if (root_.kind == YamlNode::Kind::null) return {};
    NodeReader top(root_, "", findings_);
    if (root_.kind != YamlNode::Kind::map) return {};
    const std::string name = top.text("sheet", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$").value_or("");
    readPages(top);
    template_.name = name;
    readPageNumber(top);
    readCodes(top);
    template_.empty_value = top.text("empty").value_or("");
    template_.placeholder = top.text("placeholder", "^[!-~]$").value_or("_");
    template_.filled_cancels =
        top.choice("cancel", {"filled", "none"}).value_or("none") == "filled";
    readOutput(top);
    readKey(top);
    readIdentity(top);
    checkQrPattern(top);
    template_.differing_is_flagged =
        top.choice("differs", {"quarantine", "flag"}).value_or("quarantine") == "flag";
    if (template_.differing_is_flagged && root_.find("check") == nullptr)
        top.report("differs", "there is no check to differ from; add check: '.*/{student}'");
    top.finish();
    top.require("sheet", "a name, such as sheet: demo");
    splitIntoPages(template_, std::move(layouts_));
    checkPages(top);
    return std::move(template_);
}

// One page, or those of `pages`, each with what the template has for all of them.
void TemplateReader::readPages(NodeReader& top) {
    const YamlNode* pages = top.list("pages");
    if (pages == nullptr) {
        PageLayout layout = PageReader(top, nullptr, folder_, findings_).read();
        top.require("page", "page: {width: 210, height: 297}");
        top.require("fields", "fields: [{name: q, …}]");
        for (PlacedColumn& placed : layout.columns)
            all_columns_.push_back(std::move(placed.column));
        template_ = std::move(layout.sheet);
        return;
    }
    if (pages->items.empty() || pages->items.size() > kMostPages)
        top.report("pages", "there are " + std::to_string(pages->items.size()) +
                                " pages; write 1 to " + std::to_string(kMostPages));
    for (std::size_t i = 0; i < std::min(kMostPages, pages->items.size()); ++i) {
        NodeReader own(pages->items[i], "pages." + std::to_string(i), findings_);
        layouts_.push_back(PageReader(top, &own, folder_, findings_).read());
        if (pages->items[i].find("page") == nullptr)
            top.require("page", "page: {width: 210, height: 297}");
        if (root_.find("fields") == nullptr) own.require("fields", "fields: [{name: q, …}]");
        own.finish();
    }
    all_columns_ = mergeLayouts(template_, layouts_, findings_);
}

void TemplateReader::readPageNumber(NodeReader& top) {
    const YamlNode* node = top.map("page_number");
    template_.page_code = kPageCode;
    if (node == nullptr) return;
    if (layouts_.empty())
        top.report("page_number", "the template has one page; add pages, or remove page_number");
    NodeReader reader(*node, "page_number", findings_);
    const auto code = reader.text("code");
    const auto field = reader.text("field");
    if (code.has_value() == field.has_value())
        top.report("page_number",
                   "write one of {code: '[^/]+/(?<page>[0-9]+)/.*'} and {field: page}");
    reader.finish();
    if (code) {
        template_.page_code = *code;
        const std::string finding = pageCodeFinding(*code);
        if (!finding.empty()) reader.report("code", finding);
    }
    if (!field) return;
    template_.page_field = *field;
    const std::string finding = pageFieldFinding(*field, layouts_);
    if (!finding.empty()) reader.report("field", finding);
}

// A scan must tell of every page whose it is in the same way.
void TemplateReader::checkPages(NodeReader& top) {
    for (const Template& page : template_.pages) {
        if (page.identity.size() == template_.identity.size()) continue;
        top.report("identity", "page " + std::to_string(page.page) +
                                   " does not have all columns of the identity; move their fields "
                                   "from pages to the fields of the template");
    }
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

void TemplateReader::readOutput(NodeReader& top) {
    for (const std::string& entry : top.texts("output")) {
        const auto names = expandRange(entry);
        if (names.empty()) {
            top.report("output", "'" + entry + "' is not a range; write one such as q1..q60");
        }
        for (const std::string& name : names) {
            const std::size_t column = columnNamed(name);
            if (name == kScore || (name == kGrade && column >= all_columns_.size())) {
                if (root_.find("key") == nullptr)
                    top.report("output", "a " + name + " needs a key; add key: answers.csv");
                template_.output.push_back({.name = name});
                continue;
            }
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
