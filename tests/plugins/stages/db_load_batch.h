// Shared by the tests of `db_load`: targets of both kinds, and a batch of rows to load.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "postgres_server.h"
#include "stage_outcome.h"
#include "temporary_folder.h"

namespace sheafline::test {

// One for all cases of a process; each case drops the tables that it created.
inline PostgresServer& server() {
    static PostgresServer running;
    return running;
}

class Target {
 public:
    virtual ~Target() = default;
    virtual std::string url() const = 0;
    virtual std::string query(const std::string& sql) const = 0;
};

class SqliteTarget : public Target {
 public:
    std::string url() const override { return "sqlite:" + file().string(); }
    std::string query(const std::string& sql) const override {
        return outputOf("sqlite3 '" + file().string() + "' \"" + sql + "\"");
    }
    std::filesystem::path file() const { return folder_ / "results.db"; }

 private:
    TemporaryFolder folder_{};
};

class PostgresTarget : public Target {
 public:
    PostgresTarget() { dropAll(); }
    std::string url() const override { return server().url(); }
    std::string query(const std::string& sql) const override { return server().query(sql); }

 private:
    void dropAll() const { query("DROP SCHEMA public CASCADE; CREATE SCHEMA public"); }
};

inline std::vector<std::unique_ptr<Target>> targets() {
    std::vector<std::unique_ptr<Target>> all;
    all.push_back(std::make_unique<SqliteTarget>());
    if (PostgresServer::installed()) {
        all.push_back(std::make_unique<PostgresTarget>());
    } else {
        WARN("skipped: PostgreSQL is not installed; scripts/install.sh test installs it");
    }
    return all;
}

struct Batch {
    TemporaryFolder folder{};
    MemoryStageRun run{folder.path(), "load"};
    ParamValues params{};
    std::string message{};

    Batch(const Target& target, int rows) : params{{"url", {.text = target.url()}}} {
        run.sheets().add(std::vector<Sheet>(static_cast<std::size_t>(rows)));
        run.sheets().freeze();
        run.sheets().setColumns({"student", "q1", "score"});
        for (int n = 1; n <= rows; ++n) set(n, "s" + std::to_string(n), "A", "-1.5");
    }

    void set(int n, const std::string& student, const std::string& q1, const std::string& score) {
        run.sheets().setRow(n, {"batch-1", std::to_string(n), "f.jpg", "1", "", "", "read", "",
                                student, q1, score, "0.975"});
    }

    std::string preflight() {
        try {
            makeStage("db_load", params)->preflight({});
            return "done";
        } catch (const Error& error) {
            message = error.what();
            const bool permanent = error.errorClass() == ErrorClass::permanent;
            return error.code() + (permanent ? "" : " (transient)");
        }
    }

    std::string load() {
        const StageOutcome outcome = runStage("db_load", params, run);
        message = outcome.message;
        return outcome.code;
    }
};

}  // namespace sheafline::test
