#include "history/leases/notice.h"

#include <sstream>

namespace sheafline {

namespace {

constexpr std::size_t kMostNoticeBytes = 7'900;
constexpr char kChanged = 'c';
constexpr char kRemoved = 'r';
constexpr char kShares = 's';
constexpr char kClaimable = 'w';
constexpr char kCancelling = 'x';

char kindOf(const Committed& change) {
    if (change.removed) return kRemoved;
    if (change.shares) return kShares;
    if (change.cancelling) return kCancelling;
    return change.waits ? kClaimable : kChanged;
}

}  // namespace

std::string Notice::text() const {
    std::string text = owner + ' ' + std::to_string(last_event_id);
    const std::size_t head = text.size();
    for (const Committed& change : changes) {
        text += ' ';
        text += kindOf(change);
        text += change.batch_id;
    }
    if (many || text.size() > kMostNoticeBytes) text.replace(head, std::string::npos, " *");
    return text;
}

Notice Notice::of(std::string_view text) {
    std::istringstream words{std::string(text)};
    Notice notice;
    if (!(words >> notice.owner >> notice.last_event_id)) notice.many = true;
    for (std::string word; words >> word;) {
        const char kind = word[0];
        if (std::string_view("crswx").find(kind) == std::string_view::npos) {
            notice.many = true;
            continue;
        }
        notice.changes.push_back({.batch_id = word.substr(1),
                                  .removed = kind == kRemoved,
                                  .shares = kind == kShares,
                                  .waits = kind == kClaimable,
                                  .cancelling = kind == kCancelling,
                                  .elsewhere = true});
    }
    return notice;
}

}  // namespace sheafline
