#include "streams/list/list_news.h"

#include <Poco/String.h>

#include "batches/list/listed_batch.h"
#include "history/shares/share_rows.h"

namespace sheafline {

ListNews::ListNews(const ListChanges::News& news, std::string_view owner_id, HistoryReader& history)
    : rights_(news.rights), many_(news.many) {
    ShareReader shares(history.database());
    for (const std::string& id : news.changed) {
        const auto batch = history.batch(id);
        if (!batch) continue;  // a later note says that it was removed
        const Shares shared = shares.of(id);
        Item item{.json = listedBatch(*batch, owner_id, history),
                  .user = batch->user,
                  .everybody = shared.everybody};
        // The history compares the names of users without case here.
        for (const std::string& user : shared.users) item.shared_with.insert(Poco::toLower(user));
        items_.push_back(std::move(item));
    }
    for (const std::string& id : news.removed) {
        if (!removed_.empty()) removed_ += ',';
        removed_.append("\"").append(id).append("\"");
    }
}

bool ListNews::sees(const ListViewer& viewer, const Item& item) {
    return viewer.sees_all || item.everybody || viewer.user == item.user ||
           item.shared_with.contains(Poco::toLower(viewer.user));
}

std::string ListNews::eventFor(const ListViewer& viewer) const {
    if (many_ || (rights_ && !viewer.sees_all)) return std::string(kReloadEvent);
    std::string items;
    for (const Item& item : items_) {
        if (!sees(viewer, item)) continue;
        if (!items.empty()) items += ',';
        items += item.json;
    }
    const std::string_view removed = viewer.sees_all ? removed_ : std::string_view();
    if (items.empty() && removed.empty()) return {};
    std::string event = R"(event: batches
data: {"items":[)";
    return event.append(items).append(R"(],"removed":[)").append(removed).append("]}\n\n");
}

}  // namespace sheafline
