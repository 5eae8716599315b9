// A person goes through the answers in doubt of a batch: shows one with its picture, and stores
// what is typed as a decision at once. One thread.
#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/data_folder.h"
#include "decisions/decision_check.h"
#include "history/review/review_reader.h"
#include "pictures/picture_maker.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

class ReviewSession {
 public:
    // Pictures are written to `pictures`.
    ReviewSession(const DataFolder& folder, const PluginCatalog& plugins, HistoryReader& history,
                  BatchRow batch, std::filesystem::path pictures);

    std::size_t size() const { return answers_.size(); }
    bool atEnd() const { return at_ >= answers_.size(); }
    std::size_t stored() const { return stored_; }

    void show(std::ostream& out);
    // Does what was typed, and gives a line about it. A text that is longer than a key is a value.
    std::string answer(std::string_view typed);
    std::string decideValue(const std::string& value);

    static std::string_view help();

 private:
    std::string store(NewDecision decision);
    std::string undo();
    std::string valueOf(std::string_view typed) const;
    std::string picture();

    const DataFolder& folder_;
    const PluginCatalog& plugins_;
    HistoryReader& history_;
    const BatchRow batch_;
    const std::filesystem::path pictures_;
    DecisionCheck check_;
    PictureMaker maker_{};
    std::vector<DoubtfulAnswer> answers_{};
    std::size_t at_ = 0;
    std::size_t stored_ = 0;
    std::vector<std::pair<std::size_t, int>> decided_{};  // index, id of its decision
};

}  // namespace sheafline
