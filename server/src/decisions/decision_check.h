// Checks people's decisions about a batch before they are stored: does the sheet exist, can the
// field have the value, does the code fit the pattern of the pipeline. The checks that two people
// at once could break are those of history/decisions. One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/template.h>

#include "base/data_folder.h"
#include "history/decisions/decision.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

// What is wrong with one decision, and with which of its keys.
struct DecisionProblem {
    std::size_t index = 0;  // into the list
    std::string key{};
    std::string detail{};
    bool passes = false;  // the decision is possible when the apply that runs has ended
};

class DecisionCheck {
 public:
    DecisionCheck(HistoryReader& history, const DataFolder& folder, const PluginCatalog& plugins,
                  BatchRow batch);

    // What a code must match; empty if the pipeline does not check codes.
    const std::string& codePattern() const { return pattern_text_; }
    // Empty if all are allowed. Values are changed to the form in which a reading would have them.
    std::vector<DecisionProblem> problems(std::vector<NewDecision>& decisions);
    // What is wrong with a code that a person gives.
    std::optional<DecisionProblem> codeProblem(const std::string& code) const;

 private:
    void readTemplate(const DataFolder& folder, const PluginCatalog& plugins);
    void readPattern(const DataFolder& folder, const PluginCatalog& plugins);
    std::optional<DecisionProblem> problemOf(NewDecision& decision);
    std::optional<DecisionProblem> sheetProblem(const NewDecision& decision);
    std::optional<DecisionProblem> fieldProblem(NewDecision& decision) const;
    std::optional<DecisionProblem> pageProblem(const NewDecision& decision) const;
    std::optional<DecisionProblem> batchProblem(NewDecision& decision) const;

    HistoryReader& history_;
    const BatchRow batch_;
    std::optional<sheets::Template> template_{};
    std::string pattern_text_{};
    std::optional<sheets::CodePattern> pattern_{};
};

}  // namespace sheafline
