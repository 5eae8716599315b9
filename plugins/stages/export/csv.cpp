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

class CsvFormat : public RowFormat {
 public:
    static constexpr const char* kFile = "results.csv";

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
    .params = sheafline::paramsOf<sheafline::exports::RowOptions<sheafline::exports::CsvFormat>>,
    .make_stage =
        sheafline::makeStage<sheafline::exports::RowStage<sheafline::exports::CsvFormat>>};
