// The rows of the batch as an Excel file, with the figures of the stage `analyze` and the findings
// about the roster if the batch has them. The format cannot be continued in the middle, so a run
// after a crash starts at the first row; the file gets its name when it is complete.
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sheafline/collected_row.h>
#include <sheafline/csv_records.h>
#include <sheafline/durable_file.h>
#include <sheafline/plugin.h>
#include <sheafline/shown_text.h>

#include "analysis_sheets.h"
#include "column_kind.h"
#include "row_file.h"
#include "workbook.h"

namespace sheafline::exports {

namespace {

constexpr int kRowsPerCheck = 2000;

struct Options {
    std::string file;
    std::string analysis;
    std::string findings;

    explicit Options(Params& p)
        : file(fileOption(p, "results.xlsx")),
          analysis(p.string("analysis", {.help = "artifact of the stage analyze whose figures are "
                                                 "added, if the batch has it",
                                         .default_value = "analysis.json",
                                         .pattern = kFileName})),
          findings(p.string("findings", {.help = "artifact of the stage collect with findings "
                                                 "about the roster, added if the batch has it",
                                         .default_value = "roster-findings.csv",
                                         .pattern = kFileName})) {}
};

double widthOf(const std::string& column) {
    if (column == "file" || column == "qr" || column == "flags") return 26;
    return std::max(9.0, static_cast<double>(column.size()) + 2);
}

class Rows {
 public:
    Rows(Workbook& book, const std::vector<std::string>& names) : book_(book) {
        for (const std::string& name : names) {
            columns_.push_back({name, widthOf(name)});
            numbers_.push_back(isNumberColumn(name));
        }
        next();
    }

    void add(const std::vector<std::string>& row) {
        if (++row_ == kMostRowsOfSheet) {
            next();
            ++row_;
        }
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto column = static_cast<int>(i);
            if (!numbers_[i] || !isJsonNumber(row[i])) {
                sheet_->text(row_, column, row[i]);
                continue;
            }
            double value = 0;
            std::from_chars(row[i].data(), row[i].data() + row[i].size(), value);
            sheet_->number(row_, column, value);
        }
    }

    void flush() { sheet_->flush(); }

 private:
    // Excel has a limited number of rows in a worksheet.
    void next() {
        ++sheets_;
        sheet_ =
            &book_.add(sheets_ == 1 ? "results" : "results " + std::to_string(sheets_), columns_);
        row_ = 0;
    }

    Workbook& book_;
    std::vector<SheetColumn> columns_{};
    std::vector<bool> numbers_{};
    Worksheet* sheet_ = nullptr;
    int sheets_ = 0;
    int row_ = 0;
};

void addFindings(Workbook& book, const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    Worksheet* sheet = nullptr;
    int row = 0;
    for (const CsvRecord& record : csvRecords(text, ',')) {
        if (sheet == nullptr) {
            std::vector<SheetColumn> columns;
            for (const std::string& name : record.cells)
                columns.push_back({name, name == "detail" ? 80.0 : 16.0});
            sheet = &book.add("findings", columns);
            continue;
        }
        if (++row == kMostRowsOfSheet) return;
        for (std::size_t i = 0; i < record.cells.size(); ++i)
            sheet->text(row, static_cast<int>(i), record.cells[i]);
    }
}

class Xlsx : public Stage {
 public:
    explicit Xlsx(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        SheetTable& sheets = run.sheets();
        sheets.flush();  // stores pending rows
        const std::filesystem::path path = run.folder() / options_.file;
        const std::filesystem::path unfinished = path.string() + ".tmp";
        std::filesystem::remove(unfinished);
        Workbook book(unfinished, run.folder());
        const std::vector<std::string> columns = sheets.rowColumns();
        Rows rows(book, columns);
        const auto total = static_cast<int>(sheets.size());
        std::uint64_t written = 0;
        for (int number = 1; number <= total; ++number) {
            if (number % kRowsPerCheck == 1) {
                throwIfStopped(run.stop());
                rows.flush();
                publishRows(run, "Generating Excel file", number - 1, total);
            }
            const auto row = collectedRow(sheets, number, columns.size(), "xlsx");
            if (!row) continue;
            rows.add(*row);
            ++written;
        }
        if (const auto analysis = run.artifactFile(options_.analysis)) addAnalysis(book, *analysis);
        if (const auto findings = run.artifactFile(options_.findings)) addFindings(book, *findings);
        book.close();
        DurableFile(path, std::filesystem::file_size(unfinished)).publish();
        run.artifact({.name = options_.file, .path = path});
        publishRows(run,
                    "Generated Excel file " + options_.file + " with " + counted(written, "row"),
                    total, total);
    }

 private:
    const Options options_;
};

}  // namespace

}  // namespace sheafline::exports

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "xlsx",
    .version = "1.0.0",
    .summary = "writes the rows of the batch, and its analysis, to an Excel file",
    .stage = "generating_xlsx",
    .weight = 1,
    .restart = sheafline::Restart::from_scratch,
    .rows_only = true,
    .params = sheafline::paramsOf<sheafline::exports::Options>,
    .make_stage = sheafline::makeStage<sheafline::exports::Xlsx>};
