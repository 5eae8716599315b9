// In addition to the result table, the target has
//
//   sheafline_load_progress(table_name, batch_id, execution, chunk, last_sheet)  ; chunk: its first
//   TABLE_rejects(batch_id, sheet, reason)                                       ; sheet
//
// With a lease, the row with execution 0 and chunk 0 has the epoch of the batch as `last_sheet`.
#include "table_loader.h"

#include <algorithm>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline::db_load {

namespace {

constexpr std::string_view kProgress = "sheafline_load_progress";

void checkDrift(const ResultTable& table, const std::vector<std::string>& existing,
                bool all_columns_known) {
    std::string names;
    std::string remedy;
    for (const Column& column : table.columns()) {
        if (std::ranges::find(existing, column.name) != existing.end()) continue;
        names += names.empty() ? "'" : ", '";
        names += column.name + "'";
        remedy += (remedy.empty() ? "" : "; ") + table.addColumnSql(column);
    }
    if (names.empty()) return;
    if (table.key() == RowKey::student &&
        std::ranges::find(existing, kSheetsOfStudent) == existing.end())
        throw Error(ErrorClass::permanent, "SCHEMA_DRIFT",
                    "table " + table.name() +
                        " has a row for each sheet, and this batch has one for each student; load "
                        "into another table");
    std::string unknown;
    for (const std::string& name : existing) {
        if (std::ranges::find(table.columns(), name, &Column::name) != table.columns().end()) {
            continue;
        }
        unknown += unknown.empty() ? "; perhaps renamed to '" : ", '";
        unknown += name + "'";
    }
    if (!all_columns_known) unknown.clear();
    throw Error(ErrorClass::permanent, "SCHEMA_DRIFT",
                "table " + table.name() + " has no column " + names + unknown +
                    "; load into another table, or run: " + remedy);
}

}  // namespace

TableLoader::TableLoader(Database& database, const ResultTable& table, LoadKey key, int max_rejects)
    : database_(database),
      table_(table),
      key_(std::move(key)),
      max_rejects_(static_cast<std::size_t>(max_rejects)),
      progress_name_(table.schema() + std::string(kProgress)),
      progress_(quotedTable(progress_name_)),
      rejects_table_(quotedTable(table.name() + "_rejects")) {
    if (key_.epoch > 0) database_.takeOver(key_.batch_id, key_.epoch);
    Transaction transaction(database_);
    prepare();
    requireNewest();
    transaction.commit();
}

TableLoader::TableLoader(Database& database, const ResultTable& table, Known known)
    : database_(database),
      table_(table),
      known_(known),
      progress_name_(table.schema() + std::string(kProgress)),
      progress_(quotedTable(progress_name_)),
      rejects_table_(quotedTable(table.name() + "_rejects")) {}

void TableLoader::rehearse(Database& database, const ResultTable& table, int max_rejects,
                           Known known) {
    TableLoader loader(database, table, known);
    const Transaction transaction(database);  // never committed
    loader.prepare();
    // prepare() has inserted into the result table: no rows, but this checks the rights.
    const std::string results = quotedTable(table.name());
    const std::string nothing = " WHERE 1 = 0";
    database.query("SELECT 1 FROM " + results + nothing);
    if (max_rejects > 0) database.query("DELETE FROM " + results + nothing);
    for (const std::string& name : {loader.progress_, loader.rejects_table_}) {
        std::string same = "INSERT INTO " + name;
        same.append(" SELECT * FROM ").append(name).append(nothing);
        database.query(same);
    }
    database.query("DELETE FROM " + loader.rejects_table_ + nothing);
}

void TableLoader::prepare() {
    database_.lockSchema();
    createWhereMissing(progress_name_,
                       "CREATE TABLE " + progress_ +
                           " (table_name text NOT NULL, batch_id "
                           "text NOT NULL, execution integer NOT NULL, chunk integer NOT NULL, "
                           "last_sheet integer NOT NULL, "
                           "PRIMARY KEY (table_name, batch_id, execution, chunk))");
    createWhereMissing(table_.name() + "_rejects",
                       "CREATE TABLE " + rejects_table_ +
                           " (batch_id text NOT NULL, sheet integer NOT NULL, reason text NOT "
                           "NULL, PRIMARY KEY (batch_id, sheet))");
    createWhereMissing(table_.name(), table_.createSql());
    prepareUpsert();
}

// As long as only the columns of every batch are known, the table may have either key.
void TableLoader::prepareUpsert() {
    if (known_ == Known::all_columns) return database_.prepareUpsert(table_);
    database_.query("SAVEPOINT sheafline_key");
    try {
        return database_.prepareUpsert(table_);
    } catch (const Error& error) {
        if (error.code() != "SCHEMA_DRIFT") throw;
        database_.query("ROLLBACK TO SAVEPOINT sheafline_key");
        const auto existing = database_.columnsOf(table_.name()).value_or(Row());
        if (std::ranges::find(existing, kSheetsOfStudent) == existing.end()) throw;
    }
    std::vector<std::string> columns;
    for (const Column& column : table_.columns()) columns.push_back(column.name);
    columns.emplace_back(kStudentColumn);
    database_.prepareUpsert(ResultTable(table_.name(), columns, RowKey::student));
}

void TableLoader::createWhereMissing(const std::string& table, const std::string& sql) {
    // Looked up first, because a role without the right to create may use what is there.
    const auto existing = database_.columnsOf(table);
    if (!existing) {
        database_.query(sql);
    } else if (table == table_.name()) {
        checkDrift(table_, *existing, known_ == Known::all_columns);
    }
}

// Locks the row until the transaction ends, so an owner with another epoch waits for it.
void TableLoader::requireNewest() {
    if (key_.epoch == 0) return;
    const auto stored = database_.query(
        "INSERT INTO " + progress_ +
            " AS known (table_name, batch_id, execution, chunk, last_sheet) VALUES ($1, $2, 0, 0, "
            "$3) ON CONFLICT (table_name, batch_id, execution, chunk) DO UPDATE SET last_sheet = "
            "excluded.last_sheet WHERE known.last_sheet <= excluded.last_sheet RETURNING "
            "last_sheet",
        {table_.name(), key_.batch_id, std::to_string(key_.epoch)});
    if (!stored.empty()) return;
    throw Error(ErrorClass::permanent, "FENCED",
                "another server has taken the batch over and loads its rows into " + table_.name() +
                    "; this one stores no more of them");
}

int TableLoader::loadedUpTo(const RowCount& rows) {
    static const std::string kMine = " WHERE table_name = $1 AND batch_id = $2 AND execution = $3";
    const std::vector<std::string> key{table_.name(), key_.batch_id,
                                       std::to_string(key_.execution)};
    int last = 0;
    Transaction transaction(database_);
    requireNewest();
    for (const auto& record : database_.query(
             "SELECT chunk, last_sheet FROM " + progress_ + kMine + " ORDER BY chunk", key)) {
        if (std::stoi(record[0]) != last + 1) break;
        last = std::stoi(record[1]);
    }
    // If the table was emptied or dropped in the meantime, everything is loaded again.
    if (rowsUpTo(last) != rows(last)) {
        database_.query("DELETE FROM " + progress_ + kMine, key);
        last = 0;
    }
    transaction.commit();
    return last;
}

int TableLoader::rowsUpTo(int last) {
    int rows = 0;
    for (const std::string& table : {quotedTable(table_.name()), rejects_table_}) {
        const Records count = database_.query(
            "SELECT count(*) FROM " + table + " WHERE batch_id = $1 AND sheet <= $2",
            {key_.batch_id, std::to_string(last)});
        rows += std::stoi(count.at(0).at(0));
    }
    return rows;
}

void TableLoader::load(Sheets sheets, const RowOf& row_of) {
    const int first = sheets.front();
    const int last = sheets.back();
    Transaction transaction(database_);
    requireNewest();
    database_.query(
        "DELETE FROM " + rejects_table_ + " WHERE batch_id = $1 AND sheet BETWEEN $2 AND $3",
        {key_.batch_id, std::to_string(first), std::to_string(last)});
    // An earlier execution may have loaded the row of a student with another sheet.
    const bool by_student = table_.key() == RowKey::student;
    if (by_student)
        forgetRows("sheet BETWEEN $2 AND $3", {std::to_string(first), std::to_string(last)});
    Reasons rejects;
    upsert(sheets, row_of, by_student || hasRows(first, last) ? SameKeys::perhaps : SameKeys::none,
           rejects);
    storeRejects(rejects);
    database_.query("INSERT INTO " + progress_ +
                        " (table_name, batch_id, execution, chunk, "
                        "last_sheet) VALUES ($1, $2, $3, $4, $5)",
                    {table_.name(), key_.batch_id, std::to_string(key_.execution),
                     std::to_string(first), std::to_string(last)});
    faultPoint("db_load.commit");
    transaction.commit();
    faultPoint("db_load.committed");
}

void TableLoader::replace(Sheets sheets, const RowOf& row_of) {
    if (sheets.empty()) return;
    Transaction transaction(database_);
    requireNewest();
    for (const Reject& reject : this->rejects()) {
        if (!std::ranges::binary_search(sheets, reject.sheet)) continue;
        database_.query("DELETE FROM " + rejects_table_ + " WHERE batch_id = $1 AND sheet = $2",
                        {key_.batch_id, std::to_string(reject.sheet)});
    }
    // A student's row may have moved to another sheet, or exist no more.
    if (table_.key() == RowKey::student)
        for (const int sheet : sheets) forgetRows("sheet = $2", {std::to_string(sheet)});
    Reasons rejects;
    upsert(sheets, row_of, SameKeys::perhaps, rejects);
    storeRejects(rejects);
    faultPoint("db_load.replace");
    transaction.commit();
    faultPoint("db_load.replaced");
}

void TableLoader::forgetRows(const std::string& of_sheets, std::vector<std::string> values) {
    values.insert(values.begin(), key_.batch_id);
    database_.query(
        "DELETE FROM " + quotedTable(table_.name()) + " WHERE batch_id = $1 AND " + of_sheets,
        values);
}

bool TableLoader::hasRows(int first, int last) {
    return !database_
                .query("SELECT 1 FROM " + quotedTable(table_.name()) +
                           " WHERE batch_id = $1 AND sheet BETWEEN $2 AND $3 LIMIT 1",
                       {key_.batch_id, std::to_string(first), std::to_string(last)})
                .empty();
}

// Divides the rows in halves until it has found each row that the database rejects.
void TableLoader::upsert(Sheets sheets, const RowOf& row_of, SameKeys same_keys, Reasons& rejects) {
    if (rejects.size() > max_rejects_) return;
    database_.query("SAVEPOINT sheafline_rows");
    try {
        auto sheet = sheets.begin();
        const auto next_sound = [&]() -> std::optional<Row> {
            for (; sheet != sheets.end(); ++sheet) {
                if (rejects.contains(*sheet)) continue;
                std::optional<Row> row = row_of(*sheet);
                if (!row) continue;
                std::string reason = table_.whyRejected(*row);
                if (!reason.empty()) {
                    rejects.emplace(*sheet, std::move(reason));
                    continue;
                }
                ++sheet;
                return row;
            }
            return std::nullopt;
        };
        database_.upsert(next_sound, same_keys);
        database_.query("RELEASE SAVEPOINT sheafline_rows");
        return;
    } catch (const RowError& error) {
        database_.query("ROLLBACK TO SAVEPOINT sheafline_rows");
        database_.query("RELEASE SAVEPOINT sheafline_rows");
        if (sheets.size() == 1) {
            rejects.emplace(sheets.front(), error.what());
            return;
        }
    }
    const std::size_t half = (sheets.size() + 1) / 2;
    upsert(sheets.first(half), row_of, SameKeys::perhaps, rejects);
    upsert(sheets.subspan(half), row_of, SameKeys::perhaps, rejects);
}

void TableLoader::storeRejects(const Reasons& rejects) {
    if (rejects.empty()) return;
    const auto known = database_.query(
        "SELECT count(*) FROM " + rejects_table_ + " WHERE batch_id = $1", {key_.batch_id});
    if (std::stoull(known.at(0).at(0)) + rejects.size() > max_rejects_) {
        throw Error(ErrorClass::permanent, "TOO_MANY_REJECTS",
                    "the row of sheet " + std::to_string(rejects.begin()->first) +
                        " cannot be loaded: " + rejects.begin()->second + "; max_rejects allows " +
                        std::to_string(max_rejects_) + " such rows");
    }
    for (const auto& [number, reason] : rejects) {
        const std::string sheet = std::to_string(number);
        // An earlier execution may have loaded another row of this sheet.
        database_.query(
            "DELETE FROM " + quotedTable(table_.name()) + " WHERE batch_id = $1 AND sheet = $2",
            {key_.batch_id, sheet});
        database_.query(
            "INSERT INTO " + rejects_table_ + " (batch_id, sheet, reason) VALUES ($1, $2, $3)",
            {key_.batch_id, sheet, reason});
    }
}

std::vector<Reject> TableLoader::rejects() {
    std::vector<Reject> rejects;
    for (auto& record : database_.query(
             "SELECT sheet, reason FROM " + rejects_table_ + " WHERE batch_id = $1 ORDER BY sheet",
             {key_.batch_id})) {
        rejects.push_back({.sheet = std::stoi(record[0]), .reason = std::move(record[1])});
    }
    return rejects;
}

}  // namespace sheafline::db_load
