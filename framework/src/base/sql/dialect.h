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
    // Takes the next ?1 ids and returns the last of them. Others wait for the end of the
    // transaction, so events become visible in the order of their ids. Empty if the database gives
    // the ids by itself.
    std::string_view take_event_ids{};
    // Whether the lease of the server that runs a row of `batches` has run out; NULL without
    // leases.
    std::string_view owner_lost = "NULL";
    // Several servers write at the same time, under leases.
    bool shared = false;
};

}  // namespace sheafline::sql
