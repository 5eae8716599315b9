// Loads the rows of one batch, chunk by chunk: each chunk, its rejects and a row of
// sheafline_load_progress are one transaction of the target, so that row says whether an earlier
// attempt succeeded. With a lease, each transaction also checks and stores the epoch of the batch,
// so that no owner stores a row after a later one has begun: it throws FENCED. The constructor
// throws SCHEMA_DRIFT if an existing table lacks a column.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "database.h"

namespace sheafline::db_load {

struct LoadKey {
    std::string batch_id;
    int execution = 1;
    std::int64_t epoch = 0;  // of the lease of the batch; 0: there is none
};

struct Reject {
    int sheet = 0;
    std::string reason{};
};

// Returns the row of a sheet, or nothing if the row of another sheet has its answers; the same when
// it is called again.
using RowOf = std::function<std::optional<Row>(int sheet)>;
// How many of the sheets 1 to `last` have a row.
using RowCount = std::function<int(int last)>;

using Sheets = std::span<const int>;  // the numbers of some sheets, in order

class TableLoader {
 public:
    TableLoader(Database& database, const ResultTable& table, LoadKey key, int max_rejects);

    // Does everything that loading does, without rows, and rolls it back. Throws the errors that
    // would make the load fail (missing rights, SCHEMA_DRIFT).
    enum class Known { columns_of_every_batch, all_columns };  // to `table`
    static void rehearse(Database& database, const ResultTable& table, int max_rejects,
                         Known known);

    // The last sheet of the chunks that are loaded without a gap from the first one; 0 if there are
    // none.
    int loadedUpTo(const RowCount& rows);
    // Loads the rows of these sheets, whose numbers have no gap. Throws TOO_MANY_REJECTS without
    // loading any of them.
    void load(Sheets sheets, const RowOf& row_of);
    // Whether each row of the sheets 1 to `total` is loaded or rejected.
    bool hasAll(int total, const RowCount& rows) { return rowsUpTo(total) == rows(total); }
    // Replaces the rows of these sheets, in order, in one transaction. Throws TOO_MANY_REJECTS
    // without replacing any of them.
    void replace(Sheets sheets, const RowOf& row_of);
    std::vector<Reject> rejects();

 private:
    using Reasons = std::map<int, std::string>;  // reasons of the rejects, by sheet

    TableLoader(Database& database, const ResultTable& table, Known known);  // for rehearse()

    void prepare();
    void requireNewest();
    void prepareUpsert();
    void forgetRows(const std::string& of_sheets, std::vector<std::string> values);
    int rowsUpTo(int last);
    void createWhereMissing(const std::string& table, const std::string& sql);
    bool hasRows(int first, int last);
    void upsert(Sheets sheets, const RowOf& row_of, SameKeys same_keys, Reasons& rejects);
    void storeRejects(const Reasons& rejects);

    Database& database_;
    const ResultTable& table_;
    const LoadKey key_{};
    const std::size_t max_rejects_ = 0;
    const Known known_ = Known::all_columns;
    const std::string progress_name_;
    const std::string progress_;  // quoted
    const std::string rejects_table_;
};

}  // namespace sheafline::db_load
