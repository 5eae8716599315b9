#include "decisions/results_table.h"

#include <sqlite3.h>

#include <catch2/catch.hpp>

namespace sheafline::test {

std::string onResults(const Site& site, const RunningServer& server, const std::string& batch,
                      const std::string& sql) {
    INFO(sql);
    if (server.shared() != nullptr) return server.shared()->query(sql);
    sqlite3* database = nullptr;
    const std::string file = site.folder / stored("batches/" + batch + "/results.db");
    REQUIRE(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                            nullptr) == SQLITE_OK);
    std::string text;
    const auto add = [](void* out, int count, char** values, char**) {
        auto& rows = *static_cast<std::string*>(out);
        for (int i = 0; i < count; ++i)
            rows.append(i > 0          ? "|"
                        : rows.empty() ? ""
                                       : "\n")
                .append(values[i] != nullptr ? values[i] : "");
        return 0;
    };
    REQUIRE(sqlite3_exec(database, sql.c_str(), add, &text, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    return text;
}

}  // namespace sheafline::test
