#include "decisions/near_codes.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/roster.h>

#include "base/did_you_mean.h"
#include "batch/batch_scope.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

using sheets::CodeParts;
using sheets::CodePattern;
using sheets::Roster;

constexpr std::size_t kLongestCode = 200;  // no code of a class list is longer

Error noRoster(const std::string& why) { return {ErrorClass::permanent, "NO_ROSTER", why}; }

std::string partOf(const CodeParts& parts, const char* name) {
    const auto found = parts.find(name);
    return found == parts.end() ? std::string() : found->second;
}

struct ListOptions {
    std::filesystem::path roster{};
    std::optional<CodePattern> pattern{};  // with the group `student`
};

void addPattern(ListOptions& options, const ParamValues& values, const char* name) {
    const auto text = values.find(name);
    if (options.pattern || text == values.end() || text->second.text.empty()) return;
    CodePattern pattern(text->second.text);
    if (std::ranges::find(pattern.names(), "student") != pattern.names().end())
        options.pattern.emplace(std::move(pattern));
}

// The options of the stages that decide about codes and the class list.
ListOptions listOptions(const DataFolder& folder, const PluginCatalog& plugins,
                        const BatchRow& batch) {
    ListOptions options;
    const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
    Redactor redactor;
    const ExpressionScope scope = batchScope(batch, pipeline, folder, redactor);
    for (const PipelineStage& stage : pipeline.stages) {
        RawValues wanted;
        for (const char* name : {"roster", "code", "pattern"}) {
            if (const auto found = stage.with.find(name); found != stage.with.end())
                wanted.insert(*found);
        }
        const ParamValues values = resolveValues(wanted, scope, pipeline.file);
        addPattern(options, values, "code");
        addPattern(options, values, "pattern");
        if (const auto roster = values.find("roster");
            roster != values.end() && !roster->second.text.empty())
            options.roster = pipeline.file.parent_path() / roster->second.text;
    }
    return options;
}

// A code of the batch, from which codes of others are made.
struct Model {
    std::string code{};
    CodeParts parts{};
};

// `code` with another value of one part, and all other parts as they are; empty if that is
// impossible.
Model withPart(const Model& model, const CodePattern& pattern, const char* name,
               const std::string& value) {
    const std::string old = partOf(model.parts, name);
    if (old == value || old.empty()) return model;
    CodeParts wanted = model.parts;
    wanted[name] = value;
    for (std::size_t at = model.code.find(old); at != std::string::npos;
         at = model.code.find(old, at + 1)) {
        std::string code = model.code;
        code.replace(at, old.size(), value);
        if (pattern.match(code) == wanted) return {.code = std::move(code), .parts = wanted};
    }
    return {};
}

class CodeList {
 public:
    CodeList(const std::vector<Sheet>& sheets, const ListOptions& options, int number)
        : roster_(sheets::readRoster(options.roster)), pattern_(options.pattern) {
        for (const Sheet& sheet : sheets) {
            if (sheet.number == number || sheet.qr.empty() || sheet.state == SheetState::discarded)
                continue;
            sheets_.emplace(sheet.qr, sheet.number);
            if (pattern_) addModel(sheet.qr);
        }
        if (pages_.empty()) pages_.insert("");
    }

    std::vector<NearCode> all() const {
        std::vector<NearCode> codes;
        for (const auto& values : roster_.students) {
            const std::string id = valueOf(values, "id");
            const std::string class_name = valueOf(values, "class");
            for (const std::string& page : pages_) {
                NearCode code{.code = codeOf(id, class_name, page),
                              .student = id,
                              .name = valueOf(values, "name"),
                              .class_name = class_name,
                              .page = page};
                const auto used = sheets_.find(code.code);
                if (used != sheets_.end()) code.sheet = used->second;
                codes.push_back(std::move(code));
            }
        }
        return codes;
    }

 private:
    std::string valueOf(const std::vector<std::string>& values, const char* column) const {
        const auto found = std::ranges::find(roster_.columns, column);
        return found == roster_.columns.end()
                   ? std::string()
                   : values[static_cast<std::size_t>(found - roster_.columns.begin())];
    }

    void addModel(const std::string& code) {
        const auto parts = pattern_->match(code);
        if (!parts || partOf(*parts, "student").empty()) return;
        const Model model{.code = code, .parts = *parts};
        if (!any_) any_ = model;
        of_students_.emplace(partOf(*parts, "student"), model);
        of_classes_.emplace(partOf(*parts, "class"), model);
        const std::string page = partOf(*parts, "page");
        if (!page.empty()) pages_.insert(page);
    }

    const Model& modelFor(const std::string& id, const std::string& class_name) const {
        if (const auto own = of_students_.find(id); own != of_students_.end()) return own->second;
        const auto of_class = of_classes_.find(class_name);
        return of_class == of_classes_.end() ? *any_ : of_class->second;
    }

    std::string codeOf(const std::string& id, const std::string& class_name,
                       const std::string& page) const {
        if (!any_) return id;
        Model model = withPart(modelFor(id, class_name), *pattern_, "student", id);
        if (!page.empty()) model = withPart(model, *pattern_, "page", page);
        if (!class_name.empty()) {
            const Model moved = withPart(model, *pattern_, "class", class_name);
            if (!moved.code.empty()) model = moved;
        }
        return model.code.empty() ? id : model.code;
    }

    const Roster roster_;
    const std::optional<CodePattern>& pattern_;
    std::map<std::string, int> sheets_{};  // by code: the first sheet that has it
    std::optional<Model> any_{};
    std::map<std::string, Model> of_students_{};
    std::map<std::string, Model> of_classes_{};
    std::set<std::string> pages_{};
};

std::vector<NearCode> allCodes(HistoryReader& history, const DataFolder& folder,
                               const PluginCatalog& plugins, const BatchRow& batch, int number) {
    try {
        const ListOptions options = listOptions(folder, plugins, batch);
        if (options.roster.empty()) throw noRoster("the pipeline of the batch has no class list");
        return CodeList(history.sheets(batch.batch_id), options, number).all();
    } catch (const ConfigError&) {
        throw noRoster("the class list of the batch can no longer be read");
    } catch (const std::invalid_argument&) {
        throw noRoster("the pattern of the batch's codes cannot be read");
    }
}

}  // namespace

std::vector<NearCode> nearCodes(HistoryReader& history, const DataFolder& folder,
                                const PluginCatalog& plugins, const BatchRow& batch, int number,
                                std::string_view text, std::size_t limit) {
    std::vector<NearCode> codes = allCodes(history, folder, plugins, batch, number);
    text = text.substr(0, kLongestCode);
    if (!text.empty()) {
        for (NearCode& code : codes)
            code.edits = editDistance(text, std::string_view(code.code).substr(0, kLongestCode));
    }
    std::ranges::sort(codes, {}, [](const NearCode& code) {
        return std::tuple(code.edits.value_or(0), code.sheet > 0, std::cref(code.code).get());
    });
    if (codes.size() > limit) codes.resize(limit);
    return codes;
}

}  // namespace sheafline
