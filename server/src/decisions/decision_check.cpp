#include "decisions/decision_check.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/column_values.h>
#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/load_template.h>

#include "batch/batch_scope.h"
#include "batch/run/batch_pipeline.h"
#include "history/decisions/decision_reader.h"
#include "pictures/picture_order.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostCodeBytes = 1000;

bool isOfField(DecisionKind kind) {
    return kind == DecisionKind::value || kind == DecisionKind::confirm;
}

// The key of a decision that says what it is.
std::string keyOf(const NewDecision& decision) {
    return decision.kind == DecisionKind::proceed ? "continue"
                                                  : std::string(toString(decision.kind));
}

bool isPlain(const std::string& code) {
    return std::ranges::none_of(code, [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return byte < 0x20 || byte == 0x7f;
    });
}

}  // namespace

DecisionCheck::DecisionCheck(HistoryReader& history, const DataFolder& folder,
                             const PluginCatalog& plugins, BatchRow batch)
    : history_(history), batch_(std::move(batch)) {
    readTemplate(folder, plugins);
    readPattern(folder, plugins);
}

// A processor without a template has only its columns.
void DecisionCheck::readTemplate(const DataFolder& folder, const PluginCatalog& plugins) {
    try {
        template_ =
            sheets::loadTemplate(overlayOrder(folder, plugins, batch_, Sheet{}).template_file);
        const std::string key = DecisionReader(history_.database()).scoringKey(batch_.batch_id);
        if (!key.empty()) sheets::replaceKey(*template_, keyFolder(folder, batch_.batch_id) / key);
    } catch (const Error& error) {
        if (error.code() != "NO_TEMPLATE") throw;
    } catch (const ConfigError&) {  // NOLINT(bugprone-empty-catch): the columns are known
    }
}

void DecisionCheck::readPattern(const DataFolder& folder, const PluginCatalog& plugins) {
    try {
        const Pipeline pipeline =
            parsePipeline(batch_.pipeline_text, batch_.pipeline_file, plugins);
        for (const PipelineStage& stage : pipeline.stages) {
            const auto pattern = stage.with.find("pattern");
            if (pattern == stage.with.end() ||
                !plugins.find(PluginKind::stage, stage.uses)->descriptor->groups_sheets)
                continue;
            Redactor redactor;
            const ExpressionScope scope = batchScope(batch_, pipeline, folder, redactor);
            RawValues wanted;
            wanted.insert(*pattern);
            pattern_text_ = resolveValues(wanted, scope, pipeline.file).at("pattern").text;
            pattern_.emplace(pattern_text_);
        }
    } catch (const ConfigError&) {            // NOLINT(bugprone-empty-catch): the stage itself
    } catch (const std::invalid_argument&) {  // NOLINT(bugprone-empty-catch): reports these
    }
}

std::vector<DecisionProblem> DecisionCheck::problems(std::vector<NewDecision>& decisions) {
    std::vector<DecisionProblem> found;
    std::set<std::tuple<int, std::string, int>> known;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        NewDecision& decision = decisions[i];
        auto problem = problemOf(decision);
        const bool first = known.emplace(decision.sheet, decision.field, decision.undoes).second;
        if (!problem && !first)
            problem =
                DecisionProblem{.key = keyOf(decision),
                                .detail = "the list decides about this twice; send one decision"};
        if (!problem) continue;
        problem->index = i;
        found.push_back(std::move(*problem));
    }
    return found;
}

std::optional<DecisionProblem> DecisionCheck::problemOf(NewDecision& decision) {
    if (decision.kind == DecisionKind::undo) return std::nullopt;
    if (decision.kind == DecisionKind::proceed) return batchProblem(decision);
    if (auto problem = sheetProblem(decision)) return problem;
    if (isOfField(decision.kind)) return fieldProblem(decision);
    return decision.kind == DecisionKind::qr ? codeProblem(decision.value) : std::nullopt;
}

std::optional<DecisionProblem> DecisionCheck::sheetProblem(const NewDecision& decision) {
    const auto sheet = history_.sheet(batch_.batch_id, decision.sheet);
    if (!sheet)
        return DecisionProblem{.key = "sheet",
                               .detail = "the batch has no sheet " +
                                         std::to_string(decision.sheet) + "; it has " +
                                         std::to_string(batch_.sheets_total)};
    const std::string state =
        "sheet " + std::to_string(decision.sheet) + " is " + std::string(toString(sheet->state));
    if (sheet->state == SheetState::waiting) {
        const auto now = history_.batch(batch_.batch_id);
        const bool passes = now && !isFinal(now->state);
        return DecisionProblem{
            .key = "sheet",
            .detail = state + (passes ? ", to be read or changed by an apply; decide when that has "
                                        "ended"
                                      : ", because the batch ended before it was read; retry or "
                                        "continue the batch first"),
            .passes = passes};
    }
    if (isOfField(decision.kind) && sheet->state != SheetState::read)
        return DecisionProblem{
            .key = "sheet",
            .detail = state + (sheet->reason.empty() ? "" : " (" + sheet->reason + ")") +
                      (sheet->state == SheetState::quarantined
                           ? "; give its code, have it read again, or discard it"
                           : "; only the answers of a sheet that was read can be decided")};
    if (sheet->state == SheetState::discarded && !isOfField(decision.kind) &&
        decision.kind != DecisionKind::read_again)
        return DecisionProblem{.key = "sheet", .detail = state + "; undo that decision first"};
    return std::nullopt;
}

std::optional<DecisionProblem> DecisionCheck::fieldProblem(NewDecision& decision) const {
    if (std::ranges::find(batch_.columns, decision.field) == batch_.columns.end()) {
        std::string fields;
        for (const std::string& column : batch_.columns)
            fields += (fields.empty() ? "" : ", ") + column;
        return DecisionProblem{
            .key = "field",
            .detail = "the sheet has no field '" + decision.field + "'; its fields are " + fields};
    }
    if (!template_) return std::nullopt;
    const auto column =
        std::ranges::find(template_->output, decision.field, &sheets::OutputColumn::name);
    const auto& review = template_->review_columns;
    const bool of_review = std::ranges::find(review, decision.field) != review.end();
    if (column == template_->output.end() && !of_review) return std::nullopt;
    if (of_review || column->fields.empty())
        return DecisionProblem{
            .key = "field",
            .detail = "the field '" + decision.field + "' is computed; decide about the answers"};
    if (auto problem = pageProblem(decision)) return problem;
    if (decision.kind == DecisionKind::confirm) return std::nullopt;
    auto value = sheets::columnValue(*template_, *column, decision.value);
    if (!value)
        return DecisionProblem{.key = "value",
                               .detail = "the field '" + decision.field + "' cannot be '" +
                                         decision.value + "'; it allows " +
                                         sheets::allowedValues(*template_, *column)};
    decision.value = std::move(*value);
    return std::nullopt;
}

// A sheet has only the fields of its page of a form.
std::optional<DecisionProblem> DecisionCheck::pageProblem(const NewDecision& decision) const {
    if (template_->pages.empty()) return std::nullopt;
    const auto sheet = history_.sheet(batch_.batch_id, decision.sheet);
    const auto number = sheet ? sheets::pageInCode(*template_, sheet->qr) : std::nullopt;
    if (!number) return std::nullopt;
    const auto& output = sheets::pageNumbered(*template_, *number).output;
    if (std::ranges::find(output, decision.field, &sheets::OutputColumn::name) != output.end())
        return std::nullopt;
    return DecisionProblem{.key = "field",
                           .detail = "sheet " + std::to_string(decision.sheet) + " is page " +
                                     std::to_string(*number) +
                                     " of the form, which has no field '" + decision.field +
                                     "'; decide about the sheet that has it"};
}

std::optional<DecisionProblem> DecisionCheck::codeProblem(const std::string& code) const {
    if (code.empty())
        return DecisionProblem{.key = "qr", .detail = "the code is empty; give its text"};
    if (code.size() > kMostCodeBytes || !isPlain(code))
        return DecisionProblem{.key = "qr", .detail = "a code is one line of at most 1000 bytes"};
    if (pattern_ && !pattern_->match(code))
        return DecisionProblem{.key = "qr",
                               .detail = "the code '" + code +
                                         "' does not fit the pattern of the pipeline, " +
                                         pattern_text_};
    return std::nullopt;
}

std::optional<DecisionProblem> DecisionCheck::batchProblem(NewDecision& decision) const {
    const bool stopped = batch_.error() && (batch_.error()->code == "SKIP_LIMIT" ||
                                            batch_.error()->code == "REVIEW_TIMEOUT");
    if (!stopped && batch_.state != BatchState::reviewing)
        return DecisionProblem{.key = "continue",
                               .detail = "the batch is " + std::string(toString(batch_.state)) +
                                         " and does not wait for people; only a batch that stopped "
                                         "at its skip limit or is, or was, in review can continue"};
    decision.value = std::to_string(batch_.sheets_quarantined);
    return std::nullopt;
}

}  // namespace sheafline
