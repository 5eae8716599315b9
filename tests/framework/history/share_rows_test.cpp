#include "history/shares/share_rows.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "history/history.h"
#include "history/history_reader.h"
#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using sheafline::test::historyPlace;

namespace {

struct ShareFixture {
    TemporaryFolder folder{};
    History history{historyPlace(folder), "owner"};

    ShareFixture() {
        for (const char* id : {"a", "b"})
            history.commit({.batch_id = id,
                            .create = NewBatch{.pipeline = "p", .params = "{}", .user = "ann"}});
    }
    void share(const std::string& batch, std::vector<std::string> users, bool everybody = false) {
        history.commit(
            {.batch_id = batch,
             .shares = NewShares{.shares = {.users = std::move(users), .everybody = everybody},
                                 .by = "ann"}});
    }
};

std::string idsOf(const std::vector<BatchRow>& batches) {
    std::string ids;
    for (const BatchRow& batch : batches) ids += batch.batch_id + " ";
    return ids;
}

}  // namespace

TEST_CASE_METHOD(ShareFixture, "a batch is shared with the users of the newest change alone") {
    share("a", {"bob", "eve", "bob"});
    HistoryReader reader(historyPlace(folder));
    ShareReader shares(reader.database());
    CHECK(shares.of("a").users == std::vector<std::string>{"bob", "eve"});
    CHECK(shares.sharedWith("a", "BOB"));
    CHECK_FALSE(shares.sharedWith("b", "bob"));
    CHECK_FALSE(shares.sharedWith("a", "bo"));
    CHECK(idsOf(reader.batches({.user = "bob"})) == "a ");
    CHECK(idsOf(reader.batches({.user = "ann", .sort = BatchSort::oldest})) == "a b ");
    CHECK(shares.revision() == 0);
    share("a", {"eve"});
    CHECK(shares.revision() == 1);
    CHECK_FALSE(shares.sharedWith("a", "bob"));
    CHECK(idsOf(reader.batches({.user = "bob"})).empty());
    share("b", {}, true);
    CHECK(shares.of("b").everybody);
    CHECK(shares.sharedWith("b", "bob"));
    CHECK(idsOf(reader.batches({.user = "bob"})) == "b ");
    CHECK(shares.users() == std::vector<std::string>{"eve"});
    CHECK(shares.batchesOf("Eve") == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(ShareFixture, "a removed batch has no shares, and a missing one cannot get any") {
    share("a", {"bob"});
    CHECK_THROWS_AS(share("c", {"bob"}), Error);
    history.commit({.batch_id = "a", .state = BatchState::cancelled});
    history.commit({.batch_id = "a", .remove = true});
    HistoryReader reader(historyPlace(folder));
    ShareReader shares(reader.database());
    CHECK(shares.users().empty());
    CHECK(shares.revision() == 1);
}
