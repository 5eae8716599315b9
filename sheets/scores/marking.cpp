#include "scores/marking.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "language/expression.h"
#include "language/formula.h"

namespace sheafline::sheets {

namespace {

// With what the formula can name: how many choices of the question are what.
double valueOf(const Marking& marking, const KeyedAnswer& key, double right, double wrong,
               double choices) {
    const auto answers = static_cast<double>(key.all.size());
    return evaluateFormula(marking.formula, {{"right", right},
                                             {"wrong", wrong},
                                             {"missed", answers - right},
                                             {"avoided", choices - answers - wrong},
                                             {"marked", right + wrong},
                                             {"answers", answers},
                                             {"choices", choices},
                                             {"points", marking.right}});
}

}  // namespace

Marking readMarking(NodeReader& reader, Marking wider) {
    Marking marking = std::move(wider);
    const YamlNode* points = reader.child("points");
    if (points != nullptr && points->kind == YamlNode::Kind::map) {
        NodeReader each(*points, reader.pathOf("points"), reader.findings());
        marking.right = each.number("right", kPointLimits).value_or(marking.right);
        marking.wrong = each.number("wrong", kPointLimits).value_or(marking.wrong);
        marking.blank = each.number("blank", kPointLimits).value_or(marking.blank);
        each.finish();
    } else if (points != nullptr) {
        marking.right = reader.number("points", kPointLimits).value_or(marking.right);
    }
    if (auto formula = reader.text("formula")) {
        const YamlNode& node = *reader.child("formula");
        marking.formula = std::move(*formula);
        marking.formula_place = {.line = node.line, .column = node.column};
    }
    if (const auto lowest = reader.number("lowest", kPointLimits)) marking.lowest = lowest;
    marking.weight = reader.number("weight", {.low = 0, .high = 10'000}).value_or(marking.weight);
    if (const auto bonus = reader.choice("bonus", {"none", "attempted", "all"}))
        marking.bonus = *bonus == "all"         ? Bonus::all
                        : *bonus == "attempted" ? Bonus::attempted
                                                : Bonus::none;
    marking.cancelled = reader.boolean("cancelled").value_or(marking.cancelled);
    return marking;
}

void applyMarking(const Marking& marking, KeyedAnswer& key, const Field* field, KeyPlace place,
                  FindingList& findings) {
    key.wrong = marking.wrong;
    key.blank = marking.blank;
    key.weight = marking.weight;
    key.bonus = marking.bonus;
    key.points = marking.right;
    key.cancelled = marking.cancelled;
    if (marking.lowest) key.lowest = *marking.lowest;
    for (auto& [answer, points] : key.right) {
        if (std::isnan(points)) points = marking.right;
    }
    if (key.all.empty()) return;
    if (field == nullptr) {
        findings.add(place.line, place.column, key.column,
                     "'" + key.column +
                         "' has several fields, and `all` chooses among the marks of one; write "
                         "answer: and the whole value");
        return;
    }
    const std::size_t choices = field->bubbles.size();
    if (choices < key.all.size()) return;  // an answer is none of them and was reported
    key.by_marks.assign(key.all.size() + 1,
                        std::vector<double>(choices - key.all.size() + 1, marking.wrong));
    key.by_marks.back().front() = marking.right;
    if (marking.formula.empty()) return;
    try {
        for (std::size_t right = 0; right < key.by_marks.size(); ++right)
            for (std::size_t wrong = 0; wrong < key.by_marks[right].size(); ++wrong)
                if (right + wrong > 0)
                    key.by_marks[right][wrong] =
                        valueOf(marking, key, static_cast<double>(right),
                                static_cast<double>(wrong), static_cast<double>(choices));
    } catch (const ExpressionError& error) {
        findings.add(marking.formula_place.line, marking.formula_place.column, "formula",
                     "the formula of '" + key.column + "', character " +
                         std::to_string(error.offset() + 1) + ": " + error.what());
    }
}

}  // namespace sheafline::sheets
