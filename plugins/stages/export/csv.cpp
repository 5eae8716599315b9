// The rows of the batch as CSV, with a header.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/csv.h>
#include <sheafline/plugin.h>

#include "column_kind.h"
#include "row_file.h"

namespace sheafline::exports {

namespace {

struct Options {
    std::string file;

    explicit Options(Params& p) : file(fileOption(p, "results.csv")) {}
};

class CsvFormat : public RowFormat {
 public:
    explicit CsvFormat(std::vector<std::string> columns)
        : columns_(std::move(columns)), kinds_(columns_.size()) {
        std::ranges::transform(columns_, kinds_.begin(), [](const std::string& column) {
            return isNumberColumn(column) ? CsvField::number : CsvField::text;
        });
    }

    std::string name() const override { return "CSV"; }
    std::string stage() const override { return "csv"; }
    std::string header() const override { return csvLine(columns_); }
    std::string line(const std::vector<std::string>& row) const override {
        return csvLine(row, kinds_);
    }

 private:
    std::vector<std::string> columns_;
    std::vector<CsvField> kinds_;
};

class Csv : public Stage {
 public:
    explicit Csv(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        run.sheets().flush();  // stores pending rows
        writeRows(run, options_.file, CsvFormat(run.sheets().rowColumns()));
    }

 private:
    const Options options_;
};

}  // namespace

}  // namespace sheafline::exports

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "csv",
    .version = "1.0.0",
    .summary = "writes the rows of the batch to a CSV file",
    .stage = sheafline::ProcessingStage::generating_csv,
    .weight = 1,
    .restart = sheafline::Restart::from_checkpoint,
    .rows_only = true,
    .params = sheafline::paramsOf<sheafline::exports::Options>,
    .make_stage = sheafline::makeStage<sheafline::exports::Csv>};
