// A PostgreSQL server as the target. New rows are copied into the result table. Others are copied
// into a temporary table with the same columns, and from there replace existing rows.
#pragma once

#include "postgres_connection.h"

namespace sheafline::db_load {

class PostgresDatabase : public Database {
 public:
    PostgresDatabase(const std::string& url, std::stop_token stop)
        : connection_(url, std::move(stop)) {}

    void begin() override { connection_.query("BEGIN"); }
    void commit() override;
    void rollback() noexcept override { connection_.tryQuery("ROLLBACK"); }
    Records query(const std::string& sql, const std::vector<std::string>& values) override {
        return connection_.query(sql, values);
    }
    std::optional<std::vector<std::string>> columnsOf(const std::string& table) override;
    void takeOver(const std::string& batch_id, std::int64_t epoch) override;
    void lockSchema() override;
    void prepareUpsert(const ResultTable& table) override;
    void upsert(const NextRow& next, SameKeys same_keys) override;

 private:
    void copyIn(const std::string& sql, const NextRow& next);

    PostgresConnection connection_;
    std::vector<ColumnType> types_{};
    std::string copy_{};
    std::string stage_{};
    std::string merge_{};
};

}  // namespace sheafline::db_load
