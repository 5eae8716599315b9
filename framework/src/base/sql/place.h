// Where the history is: in a SQLite file, or in a PostgreSQL database that a URL names. A value.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace sheafline::sql {

struct Place {
    Place(std::filesystem::path path) : file(std::move(path)) {}  // NOLINT: a file is a place
    Place(std::filesystem::path path, std::string database)
        : file(std::move(path)), url(std::move(database)) {}

    std::filesystem::path file;
    std::string url{};   // empty: the file
    bool waits = false;  // a reader waits for a server that is away, instead of failing
};

}  // namespace sheafline::sql
