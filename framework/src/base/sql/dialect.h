// The SQL that differs between the kinds of databases. Values.
#pragma once

#include <string_view>

namespace sheafline::sql {

struct Dialect {
    std::string_view kind{};            // "sqlite" or "postgresql"
    std::string_view server_version{};  // of the program that has the tables
    std::string_view size_bytes{};
    // The id of the newest event that was ever stored, also if it was deleted with its batch.
    std::string_view last_event_id{};
    // Stores ?1 as that id; empty if the database does that by itself.
    std::string_view store_event_id{};
};

}  // namespace sheafline::sql
