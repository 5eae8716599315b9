// What has changed in the list of batches, as the event of each viewer: only batches that the
// viewer sees now. One thread.
//
//     event: batches     data: {"items": [Batch, …], "removed": [BATCH_ID, …]}
//     event: reload      data: {}      fetch the list again
//
// A viewer who is not an admin learns of a batch that was removed, or is no longer shared, by a
// `reload`: its id might belong to a batch that this viewer never saw.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "history/history_reader.h"
#include "history/shares/shares.h"
#include "streams/list/list_changes.h"

namespace sheafline {

struct ListViewer {
    std::string user{};
    bool sees_all = false;
};

class ListNews {
 public:
    ListNews(const ListChanges::News& news, std::string_view owner_id, HistoryReader& history);

    std::string eventFor(const ListViewer& viewer) const;  // empty: there is nothing for it

 private:
    struct Item {
        std::string json{};
        std::string user{};
        std::set<std::string> shared_with{};
        bool everybody = false;
    };
    static bool sees(const ListViewer& viewer, const Item& item);

    std::vector<Item> items_{};
    std::string removed_{};  // JSON texts with commas between them
    bool rights_ = false;
    bool many_ = false;
};

inline constexpr std::string_view kReloadEvent = "event: reload\ndata: {}\n\n";

}  // namespace sheafline
