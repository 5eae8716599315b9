#include "decisions/review_session.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "batches/answer_json.h"
#include "command_parts/shown_percent.h"
#include "decisions/local_decisions.h"
#include "history/decisions/decision_reader.h"
#include "terminal/joined.h"

namespace sheafline {

namespace {}  // namespace

ReviewSession::ReviewSession(const DataFolder& folder, const PluginCatalog& plugins,
                             HistoryReader& history, BatchRow batch, std::filesystem::path pictures)
    : folder_(folder),
      plugins_(plugins),
      history_(history),
      batch_(std::move(batch)),
      pictures_(std::move(pictures)),
      check_(history, folder, plugins, batch_) {
    AnswerFilter filter;
    ReviewReader reader(history);
    std::vector<Decision> pending =
        DecisionReader(history.database()).list(batch_.batch_id, {.state = DecisionState::pending});
    while (true) {
        auto page = reader.answers(batch_, filter);
        if (page.empty()) break;
        filter.after = page.back().position();
        for (DoubtfulAnswer& answer : page) {
            const bool decided = std::ranges::any_of(pending, [&](const Decision& decision) {
                return decision.sheet == answer.sheet.number &&
                       (decision.field == answer.field || decision.field.empty());
            });
            if (!decided) answers_.push_back(std::move(answer));
        }
    }
}

std::string_view ReviewSession::help() {
    return "Enter: what was read is right   a letter: this value   -: no answer   =: type a value\n"
           ".: next   ,: back   /: undo   !: discard the sheet   ?: this help   q: quit\n";
}

std::string ReviewSession::picture() {
    const DoubtfulAnswer& answer = answers_[at_];
    try {
        PictureOrder order = overlayOrder(folder_, plugins_, batch_, answer.sheet);
        order.kind = PictureKind::field;
        order.field = answer.field;
        std::string name = std::to_string(answer.sheet.number) + "-" + answer.field + ".png";
        std::ranges::replace_if(
            name,
            [](char letter) {
                return std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '-' &&
                       letter != '.';
            },
            '_');
        createFolders(pictures_);
        DurableFile file(pictures_ / name);
        file.write(maker_.draw(order).bytes);
        file.publish();
        return (pictures_ / name).string();
    } catch (const Error& error) {
        return std::string("none: ") + error.what();
    }
}

void ReviewSession::show(std::ostream& out) {
    const DoubtfulAnswer& answer = answers_[at_];
    out << at_ + 1 << " of " << answers_.size() << "   sheet " << answer.sheet.number << "   "
        << shownText(answer.sheet.file) << "\nfield     " << shownText(answer.field)
        << "\nread      " << (answer.value.empty() ? "nothing" : shownText(answer.value)) << " ("
        << joined(answer.flags, ", ") << ", confidence " << shownPercent(answer.confidence)
        << ")\nmarks     ";
    for (const Alternative& alternative : alternativesOf(answer)) {
        if (alternative.field != answer.field) out << shownText(alternative.field) << '=';
        out << shownText(alternative.value) << ' ' << shownPercent(alternative.darkness) << "  ";
    }
    out << "\npicture   " << shownText(picture()) << '\n';
}

// A letter in the case that the template has.
std::string ReviewSession::valueOf(std::string_view typed) const {
    std::string value(typed);
    for (const Alternative& alternative : alternativesOf(answers_[at_])) {
        const bool same = std::ranges::equal(alternative.value, value, [](char one, char other) {
            return std::toupper(static_cast<unsigned char>(one)) ==
                   std::toupper(static_cast<unsigned char>(other));
        });
        if (same) return alternative.value;
    }
    return value;
}

std::string ReviewSession::answer(std::string_view typed) {
    const DoubtfulAnswer& now = answers_[at_];
    if (typed == "." || typed == "," || typed == "/") {
        if (typed == "/") return undo();
        if (typed == ".") ++at_;
        if (typed == "," && at_ > 0) --at_;
        return "";
    }
    if (typed.empty() || typed == "\n")
        return store(
            {.sheet = now.sheet.number, .field = now.field, .kind = DecisionKind::confirm});
    if (typed == "!") return store({.sheet = now.sheet.number, .kind = DecisionKind::discard});
    if (typed == "-") return decideValue("");
    return decideValue(valueOf(typed));
}

std::string ReviewSession::decideValue(const std::string& value) {
    const DoubtfulAnswer& now = answers_[at_];
    return store({.sheet = now.sheet.number, .field = now.field, .value = value});
}

std::string ReviewSession::store(NewDecision decision) {
    std::vector<NewDecision> list{std::move(decision)};
    if (const auto problems = check_.problems(list); !problems.empty())
        return problems.front().detail;
    const NewDecision stored = list.front();
    try {
        const std::string request = storeDecisions(folder_, batch_.batch_id, std::move(list));
        const auto found = DecisionReader(history_.database()).ofRequest(batch_.batch_id, request);
        if (!found.empty()) decided_.emplace_back(at_, found.front().id);
    } catch (const Error& error) {
        if (error.code() != "DECIDED") throw;
        ++at_;  // it is not open any more
        return error.what();
    }
    ++stored_;
    ++at_;
    if (stored.kind == DecisionKind::discard) {
        // The other answers of the sheet need no decision.
        while (!atEnd() && answers_[at_].sheet.number == stored.sheet) ++at_;
        return "sheet " + std::to_string(stored.sheet) + " is discarded";
    }
    return "sheet " + std::to_string(stored.sheet) + ", " + stored.field + ": " +
           (stored.kind == DecisionKind::confirm ? "confirmed"
            : stored.value.empty()               ? "no answer"
                                                 : stored.value);
}

std::string ReviewSession::undo() {
    if (decided_.empty()) return "nothing was decided in this review";
    const auto [index, id] = decided_.back();
    storeDecisions(folder_, batch_.batch_id, {{.kind = DecisionKind::undo, .undoes = id}});
    decided_.pop_back();
    --stored_;
    at_ = index;
    return "undone";
}

}  // namespace sheafline
