// Requests over the control socket: each is parsed completely or rejected.
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "batch/next_execution.h"
#include "history/history.h"
#include "history/history_reader.h"
#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

struct Stored {
    TemporaryFolder folder{};
    PluginCatalog plugins{std::vector<PluginEntry>{}};

    Stored() {
        History history(folder / "history.db", "owner");
        history.commit({.batch_id = "b", .create = NewBatch{.pipeline = "p"}});
        history.commit(
            {.batch_id = "b", .state = BatchState::running, .new_sheets = {{.number = 5}}});
        history.commit({.batch_id = "b",
                        .state = BatchState::completed,
                        .sheets = {{.number = 5, .state = SheetState::quarantined}}});
    }
    std::string errorOf(const std::string& request) const {
        HistoryReader reader(folder / "history.db");
        try {
            restartChange(reader, plugins, request);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return {};
    }
};

}  // namespace

TEST_CASE("a request with a wrong word changes no sheet") {
    const Stored stored;
    for (const char* request :
         {"fix b 5 by ann foo bar", "fix b 5", "fix b 5 by ann discard now", "fix b 5 by ann ",
          "fix b 5x by ann discard", "fix b -5 by ann discard", "fix b 0 by ann discard",
          "fix b 99999999999 by ann discard", "fix b", "fix", "fix  b 5 by ann discard",
          "fix b 5 discard", "fix b 5 by", "fix b 5 by  discard", "retry", "retry b b", "retry ",
          "fixx b 5 by ann discard", ""}) {
        CHECK(stored.errorOf(request) ==
              "'" + std::string(request) +
                  "' is not a request; send 'retry BATCH', 'apply BATCH', 'score BATCH KEY', "
                  "'fix BATCH SHEET by ACCOUNT discard' or 'fix BATCH SHEET by ACCOUNT qr CODE'");
    }
}

TEST_CASE("a request that is whole is carried out") {
    const Stored stored;
    HistoryReader reader(stored.folder / "history.db");
    const auto decision_of = [&](const char* request) {
        return restartChange(reader, stored.plugins, request).decisions.value().list.at(0);
    };
    CHECK(decision_of("fix b 5 by ann discard").kind == DecisionKind::discard);
    CHECK(decision_of("fix b 5 by ann qr MATH 7B").value == "MATH 7B");
    CHECK(restartChange(reader, stored.plugins, "fix b 5 by ann discard").decisions->user == "ann");
    CHECK(stored.errorOf("apply b") == "the batch 'b' has no pending decision to apply");
    CHECK(stored.errorOf("retry b") == "the batch 'b' is completed; there is nothing to retry");
}
