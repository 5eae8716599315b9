// Where a test keeps its databases: in files, or, when SHEAFLINE_TEST_HISTORY=postgresql, in the
// PostgreSQL server of the tests. The cases with the tag [sqlite] are about files only. One thread.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

#include "base/sql/place.h"
#include "postgres_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

inline bool usesPostgres() {
    const char* store = std::getenv("SHEAFLINE_TEST_HISTORY");
    return store != nullptr && std::string(store) == "postgresql";
}

// One for all cases of a process.
inline PostgresServer& historyServer() {
    if (!PostgresServer::installed()) {
        std::cout << "skipped: PostgreSQL is not installed; scripts/install.sh test installs it\n";
        throw std::runtime_error("PostgreSQL is not installed");
    }
    static PostgresServer running;
    return running;
}

// Empty for each new folder, and the same for each call with one folder.
inline sql::Place databasePlace(const TemporaryFolder& folder, const std::string& file) {
    if (!usesPostgres()) return {folder / file};
    static std::filesystem::path last;
    if (last != folder.path()) historyServer().query("DROP SCHEMA IF EXISTS sheafline CASCADE");
    last = folder.path();
    return {folder / file, historyServer().url()};
}

inline sql::Place historyPlace(const TemporaryFolder& folder) {
    return databasePlace(folder, "history.db");
}

}  // namespace sheafline::test
