// Where a test keeps its history: in a file, or, when SHEAFLINE_TEST_HISTORY=postgresql, in the
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
inline sql::Place historyPlace(const TemporaryFolder& folder) {
    const std::filesystem::path file = folder / "history.db";
    if (!usesPostgres()) return {file};
    static std::filesystem::path last;
    if (last != file) historyServer().query("DROP SCHEMA IF EXISTS sheafline CASCADE");
    last = file;
    return {file, historyServer().url()};
}

}  // namespace sheafline::test
