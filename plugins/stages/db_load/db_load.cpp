// Loads the rows of the batch, of sheets or of students, into a table of SQLite or PostgreSQL. The
// target database itself records what is loaded, so an attempt that ended during a COMMIT is
// neither lost nor repeated.
#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/collected_row.h>
#include <sheafline/csv.h>
#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/shown_text.h>

#include "postgres_database.h"
#include "sqlite_database.h"
#include "table_loader.h"

namespace sheafline::db_load {

namespace {

constexpr std::string_view kSqlite = "sqlite:";

const std::vector<std::string> kColumnsOfEveryBatch{
    "batch_id", "sheet", "file", "page", "qr", "group", "status", "flags", "confidence"};

struct Options {
    std::string url;
    std::string table;
    int chunk_rows;
    int max_rejects;

    explicit Options(Params& p)
        : url(p.string("url", {.help = "sqlite:FILE or postgresql://USER@HOST/DATABASE",
                               .required = true,
                               .pattern = "^(sqlite:[^:].*|postgres(ql)?://.*)$"})),
          table(p.string("table", {.help = "TABLE or SCHEMA.TABLE; created if it is missing",
                                   .default_value = "omr_results",
                                   .pattern = "^([A-Za-z_][A-Za-z0-9_]{0,62}[.])?[A-Za-z_]"
                                              "[A-Za-z0-9_]{0,49}$"})),
          chunk_rows(static_cast<int>(p.integer("chunk_rows", {.help = "rows per transaction",
                                                               .default_value = "5000",
                                                               .min = "1",
                                                               .max = "100000"}))),
          max_rejects(static_cast<int>(
              p.integer("max_rejects",
                        {.help = "most rows that the database may reject before the stage fails",
                         .default_value = "0",
                         .min = "0",
                         .max = "1000000"}))) {}
};

std::unique_ptr<Database> connect(const std::string& url, const std::stop_token& stop) {
    if (isPostgresUrl(url)) return std::make_unique<PostgresDatabase>(url, stop);
    if (url.starts_with(kSqlite)) {
        return std::make_unique<SqliteDatabase>(url.substr(kSqlite.size()), stop);
    }
    throw Error(ErrorClass::permanent, "SINK_URL",
                "the database URL must begin with sqlite: or postgresql://");
}

// The run creates a missing file, but its folder must exist.
bool isNewFile(const std::string& url) {
    if (!url.starts_with(kSqlite)) return false;
    const std::filesystem::path file = url.substr(kSqlite.size());
    const std::filesystem::path folder = file.parent_path();
    return !std::filesystem::exists(file) &&
           (folder.empty() || std::filesystem::is_directory(folder));
}

void writeRejects(StageRun& run, const std::vector<Reject>& rejects) {
    const std::filesystem::path path = run.folder() / "rejects.csv";
    DurableFile file(path);
    file.write("sheet,file,reason\n");
    for (const Reject& reject : rejects) {
        file.write(csvLine(std::array<std::string, 3>{
            std::to_string(reject.sheet), run.sheets().at(reject.sheet).file, reject.reason}));
    }
    file.publish();
    run.artifact({.name = "rejects.csv", .path = path});
}

class DbLoad : public Stage {
 public:
    explicit DbLoad(Params& params) : options_(params) {}

    void preflight(std::stop_token stop) override {
        rehearse(kColumnsOfEveryBatch, TableLoader::Known::columns_of_every_batch, stop);
    }

    // Now with the columns of the processor.
    void preflightRows(const std::vector<std::string>& columns, std::stop_token stop) override {
        rehearse(columns, TableLoader::Known::all_columns, stop);
    }

    void run(StageRun& run) override {
        SheetTable& sheets = run.sheets();
        sheets.flush();  // stores pending rows
        const auto total = static_cast<int>(sheets.size());
        publish(run, "Loading database", 0, total);
        const ResultTable table(options_.table, sheets.rowColumns());
        const std::unique_ptr<Database> database = connect(options_.url, run.stop());
        TableLoader loader(*database, table,
                           {.batch_id = std::string(run.batchId()),
                            .execution = run.execution(),
                            .epoch = run.epoch()},
                           options_.max_rejects);
        const auto row_of = [&](int number) {
            return collectedRow(sheets, number, table.columns().size(), "db_load");
        };
        const RowCount rows = rowCounts(sheets, table);
        const auto changed = run.changedSheets();
        // A table that was emptied or replaced since is loaded as a whole.
        const bool only_changed = changed && loader.hasAll(total, rows);
        std::vector<int> numbers(static_cast<std::size_t>(total));
        std::iota(numbers.begin(), numbers.end(), 1);
        if (only_changed) {
            loader.replace(*changed, row_of);
        } else {
            loadAll(run, loader, numbers, row_of, rows);
        }
        const std::vector<Reject> rejects = loader.rejects();
        if (!rejects.empty()) writeRejects(run, rejects);
        publish(run,
                only_changed ? "Loaded " + counted(changedRows(*changed, row_of), "changed row") +
                                   " into " + options_.table
                             : summary(rows(total), rejects.size()),
                total, total);
    }

 private:
    void loadAll(StageRun& run, TableLoader& loader, std::span<const int> numbers,
                 const RowOf& row_of, const RowCount& rows) const {
        const auto total = static_cast<int>(numbers.size());
        for (int done = loader.loadedUpTo(rows); done < total;) {
            throwIfStopped(run.stop());
            const int last = std::min(total, done + options_.chunk_rows);
            loader.load(numbers.subspan(static_cast<std::size_t>(done),
                                        static_cast<std::size_t>(last - done)),
                        row_of);
            done = last;
            if (done < total) publish(run, "Loading database", done, total);
        }
    }

    void rehearse(const std::vector<std::string>& columns, TableLoader::Known known,
                  const std::stop_token& stop) const {
        if (isNewFile(options_.url)) return;
        try {
            const std::unique_ptr<Database> database = connect(options_.url, stop);
            TableLoader::rehearse(*database, ResultTable(options_.table, columns),
                                  options_.max_rejects, known);
        } catch (const Error& error) {
            // During a batch, a name server that does not answer is probably back soon. At the
            // start, a name that cannot be resolved is probably wrong.
            if (error.code() != "SINK_HOST") throw;
            throw Error(ErrorClass::permanent, error.code(), error.what());
        }
    }

    // Each sheet has a row, unless a row is a student.
    static RowCount rowCounts(const SheetTable& sheets, const ResultTable& table) {
        if (table.key() == RowKey::sheet) return [](int last) { return last; };
        std::vector<int> with_row;
        for (int number = 1; number <= static_cast<int>(sheets.size()); ++number)
            if (collectedRow(sheets, number, table.columns().size(), "db_load"))
                with_row.push_back(number);
        return [with_row = std::move(with_row)](int last) {
            return static_cast<int>(std::ranges::upper_bound(with_row, last) - with_row.begin());
        };
    }

    static std::uint64_t changedRows(const std::vector<int>& changed, const RowOf& row_of) {
        return static_cast<std::uint64_t>(
            std::ranges::count_if(changed, [&](int number) { return row_of(number).has_value(); }));
    }

    std::string summary(int rows, std::size_t rejects) const {
        std::string text = "Loaded " + counted(static_cast<std::size_t>(rows) - rejects, "row") +
                           " into " + options_.table;
        if (rejects > 0) text += " (" + std::to_string(rejects) + " rejected)";
        return text;
    }

    static void publish(StageRun& run, std::string message, int rows, int total) {
        run.progress().publish({.message = std::move(message),
                                .done = static_cast<double>(rows),
                                .total = static_cast<double>(total)});
    }

    const Options options_;
};

}  // namespace

}  // namespace sheafline::db_load

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "db_load",
    .version = "1.0.0",
    .summary = "loads the rows of the batch into SQLite or PostgreSQL",
    .stage = sheafline::ProcessingStage::loading_database,
    .weight = 2,
    .restart = sheafline::Restart::from_item,
    .rows_only = true,
    .params = sheafline::paramsOf<sheafline::db_load::Options>,
    .make_stage = sheafline::makeStage<sheafline::db_load::DbLoad>};
