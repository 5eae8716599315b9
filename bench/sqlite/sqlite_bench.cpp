// The hot path of the history through three interfaces to SQLite, alternating in one run: the plain
// C API, sheafline::sqlite, and SQLiteCpp 3. Writes events (two texts and two integers a row, 100
// rows a transaction, synchronous=OFF so that the interface is measured and not the disk), then
// reads them back as texts. The best of five rounds each.
//
//     sqlite_bench [ROWS]        ; 300000
#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <sqlite3.h>
#include <string>
#include <vector>

#include <sheafline/sqlite/statement.h>
#include <sheafline/sqlite/transaction.h>

namespace fs = std::filesystem;

namespace {

constexpr int kRowsAtOnce = 100;
constexpr int kRounds = 5;
constexpr const char* kTable =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
    "CREATE TABLE events(event_id INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL, "
    "seq INTEGER NOT NULL, execution INTEGER NOT NULL, json TEXT NOT NULL)";
constexpr const char* kInsert =
    "INSERT INTO events(batch_id, seq, execution, json) VALUES(?1,?2,?3,?4)";
constexpr const char* kSelect = "SELECT event_id, batch_id, seq, json FROM events";

const std::string kBatch = "3f0e8a52-7c1d-4b7e-9b1a-2f6f0a9f4c11";
const std::string kJson(420, 'x');

struct Way {
    std::string name{};
    std::function<void(const std::string&, int)> write;
    std::function<std::size_t(const std::string&)> read;
    double write_seconds = 1e9;
    double read_seconds = 1e9;
};

void writeBare(const std::string& file, int rows) {
    sqlite3* db = nullptr;
    sqlite3_open(file.c_str(), &db);
    sqlite3_exec(db, kTable, nullptr, nullptr, nullptr);
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db, kInsert, -1, &insert, nullptr);
    for (int n = 0; n < rows; ++n) {
        if (n % kRowsAtOnce == 0) sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        sqlite3_bind_text(insert, 1, kBatch.data(), static_cast<int>(kBatch.size()),
                          SQLITE_TRANSIENT);
        sqlite3_bind_int64(insert, 2, n);
        sqlite3_bind_int64(insert, 3, 1);
        sqlite3_bind_text(insert, 4, kJson.data(), static_cast<int>(kJson.size()),
                          SQLITE_TRANSIENT);
        sqlite3_step(insert);
        sqlite3_reset(insert);
        if (n % kRowsAtOnce == kRowsAtOnce - 1)
            sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
    }
    sqlite3_finalize(insert);
    sqlite3_close(db);
}

std::size_t readBare(const std::string& file) {
    sqlite3* db = nullptr;
    sqlite3_open(file.c_str(), &db);
    sqlite3_stmt* select = nullptr;
    sqlite3_prepare_v2(db, kSelect, -1, &select, nullptr);
    std::size_t bytes = 0;
    while (sqlite3_step(select) == SQLITE_ROW) {
        for (const int column : {1, 3}) {
            const auto* text = static_cast<const char*>(sqlite3_column_blob(select, column));
            bytes +=
                std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(select, column)))
                    .size();
        }
        bytes += static_cast<std::size_t>(sqlite3_column_int64(select, 2) & 1);
    }
    sqlite3_finalize(select);
    sqlite3_close(db);
    return bytes;
}

void writeOurs(const std::string& file, int rows) {
    using namespace sheafline::sqlite;
    Database db(file);
    db.execute(kTable);
    Statement insert(db, kInsert);
    for (int n = 0; n < rows; n += kRowsAtOnce) {
        Transaction transaction(db);
        for (int i = 0; i < kRowsAtOnce; ++i)
            insert.bind(1, kBatch).bind(2, n + i).bind(3, 1).bind(4, kJson).run();
        transaction.commit();
    }
}

std::size_t readOurs(const std::string& file) {
    using namespace sheafline::sqlite;
    Database db(file, {.mode = OpenMode::read_only});
    Statement select(db, kSelect);
    std::size_t bytes = 0;
    while (select.step()) {
        bytes += select.text(1).size() + select.text(3).size();
        bytes += static_cast<std::size_t>(select.integer(2) & 1);
    }
    return bytes;
}

void writeCpp(const std::string& file, int rows) {
    SQLite::Database db(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(kTable);
    SQLite::Statement insert(db, kInsert);
    for (int n = 0; n < rows; n += kRowsAtOnce) {
        SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
        for (int i = 0; i < kRowsAtOnce; ++i) {
            insert.bind(1, kBatch);
            insert.bind(2, n + i);
            insert.bind(3, 1);
            insert.bind(4, kJson);
            insert.exec();
            insert.reset();
        }
        transaction.commit();
    }
}

std::size_t readCpp(const std::string& file) {
    SQLite::Database db(file, SQLite::OPEN_READONLY);
    SQLite::Statement select(db, kSelect);
    std::size_t bytes = 0;
    while (select.executeStep()) {
        bytes += select.getColumn(1).getString().size() + select.getColumn(3).getString().size();
        bytes += static_cast<std::size_t>(select.getColumn(2).getInt64() & 1);
    }
    return bytes;
}

double secondsOf(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** words) {
    try {
        const int rows = (count > 1 ? std::stoi(words[1]) : 300'000) / kRowsAtOnce * kRowsAtOnce;
        const fs::path folder = fs::temp_directory_path() / "sheafline-sqlite-bench";
        fs::create_directories(folder);
        const std::string file = (folder / "events.db").string();
        std::array<Way, 3> ways{Way{"C API", writeBare, readBare},
                                Way{"sheafline::sqlite", writeOurs, readOurs},
                                Way{"SQLiteCpp", writeCpp, readCpp}};
        for (int round = 0; round < kRounds; ++round) {
            for (Way& way : ways) {
                for (const char* part : {"", "-wal", "-shm"}) fs::remove(file + part);
                const double wrote = secondsOf([&] { way.write(file, rows); });
                std::size_t bytes = 0;
                const double read = secondsOf([&] { bytes = way.read(file); });
                if (bytes < static_cast<std::size_t>(rows) * kJson.size())
                    throw std::runtime_error(way.name + " read too little");
                way.write_seconds = std::min(way.write_seconds, wrote);
                way.read_seconds = std::min(way.read_seconds, read);
            }
        }
        fs::remove_all(folder);
        for (const Way& way : ways) {
            std::printf("%-18s write %8.0f rows/s (%.2f of the C API), read %8.0f rows/s (%.2f)\n",
                        way.name.c_str(), rows / way.write_seconds,
                        ways[0].write_seconds / way.write_seconds, rows / way.read_seconds,
                        ways[0].read_seconds / way.read_seconds);
        }
    } catch (const std::exception& error) {
        std::cerr << "sqlite_bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
