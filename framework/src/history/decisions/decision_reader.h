// Reads the decisions of a batch from the history. One thread, that of its HistoryReader or writer.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <sheafline/sheets.h>

#include "base/sql/database.h"
#include "history/decisions/decision.h"

namespace sheafline {

struct DecisionFilter {
    std::optional<DecisionState> state{};
    std::optional<int> sheet{};
    std::optional<std::string> field{};  // of this field, or of no field
    int after = 0;                       // only decisions with a greater id
    int limit = 1'000'000'000;
};

class DecisionReader {
 public:
    explicit DecisionReader(sql::Database& database) : database_(database) {}

    std::vector<Decision> list(std::string_view batch_id, const DecisionFilter& filter = {});
    std::vector<Decision> ofRequest(std::string_view batch_id, std::string_view request);
    std::optional<Decision> find(std::string_view batch_id, int id);
    // The values that count: applied ones, and those of an apply that is under way.
    std::map<int, std::vector<DecidedField>> decidedFields(std::string_view batch_id);
    // The sheets of an apply that is under way, and those whose rows it has changed.
    std::vector<int> changedSheets(std::string_view batch_id, int execution);
    // Whether decisions are being applied to a batch that had ended.
    bool reversibleApply(std::string_view batch_id);
    // Since when the batch waits for people, in UTC.
    std::optional<std::string> reviewingSince(std::string_view batch_id);
    int lastId(std::string_view batch_id);  // 0 if there is none
    // The name of the key file that people gave the batch; empty if the template's key counts.
    std::string scoringKey(std::string_view batch_id);
    // How many quarantined sheets people have accepted by a `continue` that counts.
    std::optional<std::uint64_t> continuedWithout(std::string_view batch_id);

 private:
    sql::Database& database_;
};

}  // namespace sheafline
