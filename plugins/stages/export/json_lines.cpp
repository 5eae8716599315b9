// The rows of the batch as JSON Lines: one object for each sheet, with a member for each column.
// Its name is `jsonl`, as that of the sink, which writes events.
#include <string>
#include <utility>
#include <vector>

#include <sheafline/json_writer.h>
#include <sheafline/plugin.h>

#include "column_kind.h"
#include "row_file.h"

namespace sheafline::exports {

namespace {

class JsonLinesFormat : public RowFormat {
 public:
    static constexpr const char* kFile = "results.jsonl";

    explicit JsonLinesFormat(std::vector<std::string> columns) : columns_(std::move(columns)) {
        for (const std::string& column : columns_) numbers_.push_back(isNumberColumn(column));
    }

    std::string name() const override { return "JSON Lines"; }
    std::string stage() const override { return "jsonl"; }
    std::string header() const override { return ""; }
    std::string line(const std::vector<std::string>& row) const override {
        JsonWriter json(row.size() * 16);
        json.beginObject();
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!numbers_[i] || !(row[i].empty() || isJsonNumber(row[i]))) {
                json.text(columns_[i], row[i]);
            } else {
                json.raw(columns_[i], row[i].empty() ? "null" : row[i]);
            }
        }
        return json.endObject().take() + "\n";
    }

 private:
    std::vector<std::string> columns_;
    std::vector<bool> numbers_{};
};

}  // namespace

}  // namespace sheafline::exports

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "jsonl",
    .version = "1.0.0",
    .summary = "writes the rows of the batch as JSON Lines, one object for each sheet",
    .stage = "generating_jsonl",
    .weight = 1,
    .restart = sheafline::Restart::from_checkpoint,
    .rows_only = true,
    .params =
        sheafline::paramsOf<sheafline::exports::RowOptions<sheafline::exports::JsonLinesFormat>>,
    .make_stage =
        sheafline::makeStage<sheafline::exports::RowStage<sheafline::exports::JsonLinesFormat>>};
