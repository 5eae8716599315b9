// What the library for PostgreSQL and the program agree on. Both are of the same build.
#pragma once

#include "base/sql/database.h"

namespace sheafline {

inline constexpr const char* kPostgresLibrary = "sheafline_postgres.so";
inline constexpr const char* kOpenPostgres = "sheafline_open_postgres";

enum class PostgresAccess {
    read,
    wait_to_read,  // waits for a server that is away, instead of failing
    rows,          // writes rows of tables beside the history; any number of processes at once
    write,         // of the history
};

// `name` is what the server's list of connections shows. The caller owns the result. Throws Error.
using OpenPostgres = sql::Database*(const char* url, const char* name, PostgresAccess access);

}  // namespace sheafline
