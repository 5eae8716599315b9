#include "history/decisions/decision_writer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/clocks.h"
#include "history/decisions/decision_reader.h"
#include "history/review/flag_list.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

bool isOfField(DecisionKind kind) {
    return kind == DecisionKind::value || kind == DecisionKind::confirm;
}

std::string placeOf(int sheet, const std::string& field) {
    if (sheet == 0) return "the batch";
    return "sheet " + std::to_string(sheet) + (field.empty() ? "" : ", " + field);
}

std::string whatOf(const Decision& decision) {
    std::string what(toString(decision.kind));
    if (isOfField(decision.kind) || decision.kind == DecisionKind::qr)
        what += " '" + decision.value + "'";
    return what;
}

std::string flagOf(const std::string& flags, const std::string& field) {
    for (Flag& flag : flagsIn(flags)) {
        if (flag.field == field) return std::move(flag.flag);
    }
    return {};
}

Error about(const char* code, const std::string& message) {
    return {ErrorClass::permanent, code, message};
}

// What a decision changes, before the change.
struct Before {
    std::string value{};
    std::string flag{};
};

Before beforeOf(sql::Database& database, const std::string& batch_id, const NewDecision& decision) {
    if (decision.kind == DecisionKind::score)
        return {.value = DecisionReader(database).scoringKey(batch_id)};
    if (decision.sheet == 0) return {};
    sql::Statement find(database,
                        "SELECT h.state, h.reason, h.qr, coalesce(s.\"values\", r.\"values\"), "
                        "coalesce(s.flags, r.flags), b.columns FROM sheets h JOIN batches b "
                        "USING(batch_id) LEFT JOIN readings r USING(batch_id, number) LEFT JOIN "
                        "settled s USING(batch_id, number) WHERE batch_id = ?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, decision.sheet).step())
        throw about("NO_SUCH_SHEET", "the batch has no sheet " + std::to_string(decision.sheet));
    const std::string state = find.text(0);
    if (decision.kind == DecisionKind::qr) return {.value = find.text(2), .flag = find.text(1)};
    if (!isOfField(decision.kind)) return {.value = state, .flag = find.text(1)};
    if (state != toString(SheetState::read) || find.isNull(3))
        throw about("SHEET_NOT_READ", placeOf(decision.sheet, "") + " is " + state +
                                          "; only the answers of a sheet that was read can be "
                                          "decided");
    const auto columns = textsOf(find.text(5));
    const auto values = textsOf(find.text(3));
    const auto column = std::ranges::find(columns, decision.field) - columns.begin();
    const auto index = static_cast<std::size_t>(column);
    return {.value = index < values.size() ? values[index] : "",
            .flag = flagOf(find.text(4), decision.field)};
}

// Almost no batch is in `applies`, which is why it comes first: a batch changes each of its sheets.
constexpr std::string_view kKeep = R"sql(
INSERT INTO kept SELECT h.batch_id, h.number, h.state, h.attempt, h.reason,
  h.qr, h.grp, h.by_hand, r."values", r.flags, r.confidence, r.evidence,
  s."values", s.flags, s.confidence, s.evidence, w.row, w.execution
FROM applies a CROSS JOIN sheets h
  LEFT JOIN readings r ON r.batch_id = h.batch_id AND r.number = h.number
  LEFT JOIN settled s ON s.batch_id = h.batch_id AND s.number = h.number
  LEFT JOIN rows w ON w.batch_id = h.batch_id AND w.number = h.number
WHERE a.batch_id = ?1 AND h.batch_id = a.batch_id)sql";

}  // namespace

DecisionWriter::DecisionWriter(sql::Database& database)
    : database_(database),
      keep_(database, std::string(kKeep) + " AND h.number = ?2 ON CONFLICT DO NOTHING"),
      keep_all_(database, std::string(kKeep) + " ON CONFLICT DO NOTHING"),
      // Evidence that is that of the reading is not stored twice.
      settle_(database,
              "INSERT INTO settled VALUES(?1, ?2, ?3, ?4, ?5, nullif(?6, (SELECT evidence FROM "
              "readings WHERE batch_id = ?1 AND number = ?2))) ON CONFLICT(batch_id, number) DO "
              "UPDATE SET \"values\"=excluded.\"values\", flags=excluded.flags, "
              "confidence=excluded.confidence, evidence=excluded.evidence"),
      forget_settled_(database, "DELETE FROM settled WHERE batch_id = ?1 AND number = ?2") {}

void DecisionWriter::keep(const std::string& batch_id, int sheet) {
    if (sheet > 0) keep_.bind(1, batch_id).bind(2, sheet).run();
}

void DecisionWriter::keepAll(const std::string& batch_id) { keep_all_.bind(1, batch_id).run(); }

void DecisionWriter::settle(const std::string& batch_id, int sheet, const Reading& reading) {
    settle_.bind(1, batch_id)
        .bind(2, sheet)
        .bind(3, jsonArray(reading.values))
        .bind(4, reading.flags)
        .bind(5, reading.confidence)
        .bind(6, reading.evidence)
        .run();
}

void DecisionWriter::forgetSettled(const std::string& batch_id, int sheet) {
    forget_settled_.bind(1, batch_id).bind(2, sheet).run();
}

// What already counts, or waits to count, about the same thing. A decision about a whole sheet is
// about all of its fields.
std::optional<Decision> DecisionWriter::earlier(const std::string& batch_id,
                                                const NewDecision& decision) {
    if (decision.kind == DecisionKind::undo) return std::nullopt;
    std::optional<Decision> last;
    DecisionFilter same_sheet{.sheet = decision.sheet};
    if (isOfField(decision.kind)) same_sheet.field = decision.field;
    for (Decision& other : DecisionReader(database_).list(batch_id, same_sheet)) {
        if (other.state == DecisionState::undone || other.kind == DecisionKind::undo) continue;
        // A key is about all sheets, and about nothing that other decisions are about.
        if ((other.kind == DecisionKind::score) != (decision.kind == DecisionKind::score)) continue;
        const bool pending = other.state == DecisionState::pending;
        const bool both_of_fields = isOfField(other.kind) && isOfField(decision.kind);
        const bool same = both_of_fields ? other.field == decision.field
                                         : pending || (other.kind == decision.kind &&
                                                       other.kind != DecisionKind::read_again);
        if (same) last = std::move(other);
    }
    return last;
}

void DecisionWriter::checkConflicts(const std::string& batch_id, const NewDecisions& decisions) {
    std::vector<DecisionConflict::Place> places;
    DecisionReader reader(database_);
    for (std::size_t i = 0; i < decisions.list.size(); ++i) {
        const NewDecision& decision = decisions.list[i];
        auto first = earlier(batch_id, decision);
        const bool own = first && first->user == decisions.user;
        std::string message;
        if (decision.replaces > 0 && (!first || first->id != decision.replaces)) {
            message = "decision " + std::to_string(decision.replaces) +
                      " is no longer what counts for " + placeOf(decision.sheet, decision.field);
            if (!first) first = reader.find(batch_id, decision.replaces);
            if (!first)
                throw about("NO_SUCH_DECISION",
                            "the batch has no decision " + std::to_string(decision.replaces));
        } else if (first && !own && decision.replaces == 0 && !decision.force) {
            message = placeOf(decision.sheet, decision.field) + " was decided by " + first->user +
                      " at " + first->at + ": " + whatOf(*first) +
                      "; to replace this decision, send \"replace\": " + std::to_string(first->id);
        }
        if (decision.kind == DecisionKind::read_again && !decision.force && message.empty()) {
            for (Decision& other : reader.list(batch_id, {.sheet = decision.sheet})) {
                const bool counts = other.state != DecisionState::undone &&
                                    (isOfField(other.kind) || other.kind == DecisionKind::discard);
                if (!counts) continue;
                message = placeOf(decision.sheet, "") + " was decided by " + other.user + " at " +
                          other.at + ": " + whatOf(other) +
                          "; to read it again and drop its decisions, send \"force\": true";
                first = std::move(other);
                break;
            }
        }
        if (!message.empty()) places.push_back({i, std::move(*first), decision.place + message});
    }
    if (!places.empty()) throw DecisionConflict(std::move(places));
}

void DecisionWriter::add(const std::string& batch_id, const NewDecisions& decisions) {
    checkConflicts(batch_id, decisions);
    for (const NewDecision& decision : decisions.list) {
        const auto first = earlier(batch_id, decision);
        const int id = addOne(batch_id, decision, decisions);
        if (!first || first->state != DecisionState::pending) continue;
        // One decision is pending about each field, and one about each sheet.
        const bool same_place =
            isOfField(first->kind) == isOfField(decision.kind) && first->field == decision.field;
        if (same_place || decision.replaces == first->id) undoPending(batch_id, first->id, id);
    }
}

int DecisionWriter::addOne(const std::string& batch_id, const NewDecision& decision,
                           const NewDecisions& decisions) {
    DecisionReader reader(database_);
    NewDecision stored = decision;
    bool counts_at_once = false;
    if (decision.kind == DecisionKind::undo) {
        const auto undone = reader.find(batch_id, decision.undoes);
        if (!undone)
            throw about("NO_SUCH_DECISION",
                        "the batch has no decision " + std::to_string(decision.undoes));
        if (undone->kind == DecisionKind::undo)
            throw about("NOTHING_TO_UNDO", "decision " + std::to_string(undone->id) +
                                               " is itself an undo, of decision " +
                                               std::to_string(undone->undoes) +
                                               "; to take it back, decide again");
        const bool can_be =
            undone->state == DecisionState::pending ||
            (undone->state == DecisionState::applied && undone->kind != DecisionKind::read_again &&
             undone->kind != DecisionKind::proceed);
        if (!can_be)
            throw about("NOTHING_TO_UNDO", "decision " + std::to_string(undone->id) + " (" +
                                               whatOf(*undone) + ") is " +
                                               std::string(toString(undone->state)) +
                                               " and cannot be undone");
        stored.sheet = undone->sheet;
        stored.field = undone->field;
        stored.value = undone->value;
        counts_at_once = undone->state == DecisionState::pending;
    }
    const Before before = beforeOf(
        database_, batch_id,
        decision.kind == DecisionKind::undo ? NewDecision{.kind = decision.kind} : decision);
    if (decision.kind == DecisionKind::confirm) stored.value = before.value;
    const int id = reader.lastId(batch_id) + 1;
    sql::Statement(database_,
                   "INSERT INTO decisions VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
                   "0,0)")
        .bind(1, batch_id)
        .bind(2, id)
        .bind(3, stored.sheet)
        .bind(4, stored.field)
        .bind(5, toString(stored.kind))
        .bind(6, stored.value)
        .bind(7, stored.undoes)
        .bind(8, before.value)
        .bind(9, before.flag)
        .bind(10, decisions.user)
        .bind(11, utcText(wallMs()))
        .bind(12, stored.reason)
        .bind(13, decisions.request)
        .bind(14, toString(counts_at_once ? DecisionState::applied : DecisionState::pending))
        .run();
    if (counts_at_once) undoPending(batch_id, decision.undoes, id);
    return id;
}

void DecisionWriter::undoPending(const std::string& batch_id, int id, int by) {
    sql::Statement(database_,
                   "UPDATE decisions SET state = 'undone', undone_by = ?3 WHERE batch_id = ?1 "
                   "AND decision_id = ?2")
        .bind(1, batch_id)
        .bind(2, id)
        .bind(3, by)
        .run();
}

}  // namespace sheafline
