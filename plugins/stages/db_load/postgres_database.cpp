// COPY's text format as it is written here:
//   data  = row*
//   row   = field (TAB field)* LF
//   field = "\N" | (any | "\\" | "\t" | "\n" | "\r")*      ; \N is NULL
#include "postgres_database.h"

#include <algorithm>

#include <sheafline/error.h>

namespace sheafline::db_load {

namespace {

constexpr std::size_t kCopyPiece = 64U << 10U;

constexpr bool isPlain(char c) { return c != '\\' && c != '\t' && c != '\n' && c != '\r'; }

void appendField(std::string& data, const std::string& value, ColumnType type) {
    if (value.empty() && type != ColumnType::text) {
        data += "\\N";
        return;
    }
    if (std::ranges::all_of(value, isPlain)) {
        data += value;
        return;
    }
    for (const char c : value) {
        switch (c) {
            case '\\':
                data += "\\\\";
                break;
            case '\t':
                data += "\\t";
                break;
            case '\n':
                data += "\\n";
                break;
            case '\r':
                data += "\\r";
                break;
            default:
                data += c;
        }
    }
}

void appendRow(std::string& data, const Row& row, const std::vector<ColumnType>& types) {
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (i > 0) data += '\t';
        appendField(data, row[i], types[i]);
    }
    data += '\n';
}

}  // namespace

void PostgresDatabase::commit() {
    try {
        connection_.query("COMMIT");
    } catch (const RowError& error) {
        // The constraint is checked at the end, so the row at fault in the chunk cannot be
        // identified.
        throw Error(
            ErrorClass::permanent, "SINK_CONSTRAINT",
            "PostgreSQL: " + std::string(error.what()) + "; make the constraint not deferrable");
    }
}

std::optional<std::vector<std::string>> PostgresDatabase::columnsOf(const std::string& table) {
    const std::string name = quotedTable(table);
    const auto found = connection_.query("SELECT to_regclass($1) IS NOT NULL", {name});
    if (found.at(0).at(0) != "t") return std::nullopt;
    return connection_.columnsOf("SELECT * FROM " + name + " LIMIT 0");
}

// The name of a connection says whose it is: sheafline MD5-OF-BATCH-ID EPOCH.
void PostgresDatabase::takeOver(const std::string& batch_id, std::int64_t epoch) {
    const std::vector<std::string> owner{batch_id, std::to_string(epoch)};
    connection_.query(
        "SELECT set_config('application_name', 'sheafline ' || md5($1) || ' ' || $2, false)",
        owner);
    connection_.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND "
        "datname = current_database() AND CASE WHEN application_name ~ ('^sheafline ' || md5($1) "
        "|| ' [0-9]{1,18}$') THEN split_part(application_name, ' ', 3)::bigint < $2::bigint ELSE "
        "false END",
        owner);
}

void PostgresDatabase::lockSchema() {
    connection_.query("SELECT pg_advisory_xact_lock(hashtext('sheafline_load_progress'))");
}

void PostgresDatabase::prepareUpsert(const ResultTable& table) {
    types_.clear();
    for (const Column& column : table.columns()) types_.push_back(column.type);
    const std::string name = quotedTable(table.name());
    copy_ = "COPY " + name + " (" + table.columnList() + ") FROM STDIN";
    stage_ = "COPY pg_temp.sheafline_staging FROM STDIN";
    merge_ = "INSERT INTO " + name + " (" + table.columnList() + ") SELECT " + table.columnList() +
             " FROM pg_temp.sheafline_staging " + table.onConflict();
    // The types are those of the existing table, which may be narrower than ours.
    connection_.query("CREATE TEMPORARY TABLE sheafline_staging ON COMMIT DELETE ROWS AS SELECT " +
                      table.columnList() + " FROM " + name + " WITH NO DATA");
    try {
        connection_.query(merge_);  // without rows: shows whether the table has its key
    } catch (const Error& error) {
        if (error.code() != "SCHEMA_DRIFT") throw;
        throw Error(error.errorClass(), error.code(),
                    std::string(error.what()) + "; the table " + table.name() +
                        " needs the primary key (" + table.keyText() +
                        "), which identifies rows; load into another table");
    }
}

void PostgresDatabase::upsert(const NextRow& next, SameKeys same_keys) {
    // Also checks deferrable constraints now, while the row at fault can still be identified.
    connection_.query("SET CONSTRAINTS ALL IMMEDIATE");
    if (same_keys == SameKeys::none) {
        copyIn(copy_, next);
        return;
    }
    connection_.query("DELETE FROM pg_temp.sheafline_staging");
    copyIn(stage_, next);
    connection_.query(merge_);
}

// Each piece is made while the server processes the previous ones.
void PostgresDatabase::copyIn(const std::string& sql, const NextRow& next) {
    std::string piece;
    connection_.copyIn(sql, [&]() -> std::string_view {
        piece.clear();
        while (piece.size() < kCopyPiece) {
            const std::optional<Row> row = next();
            if (!row) break;
            appendRow(piece, *row, types_);
        }
        return piece;
    });
}

}  // namespace sheafline::db_load
