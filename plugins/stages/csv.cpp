// Writes the rows of the batch to a CSV file, in the order of the sheets. After a crash, a run
// continues at its checkpoint if the beginning of the unfinished file matches the checkpoint, and
// otherwise at the first row. The rows come from the table, so the file is always the same.
//
//   checkpoint = execution " " bytes " " rows " " crc32      ; decimal
//
// The CRC-32 of the bytes detects a damaged file or one of another program; it protects against
// accidents, not against attackers.
#include <algorithm>
#include <array>
#include <fstream>
#include <libdeflate.h>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/csv.h>
#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>

namespace sheafline::csv {

namespace {

constexpr int kRowsPerChunk = 2000;

struct Options {
    std::string file;

    explicit Options(Params& p)
        : file(p.string("file", {.help = "name of the file, without folders",
                                 .default_value = "results.csv",
                                 .pattern = R"(^[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}$)"})) {}
};

struct Written {
    int execution = 0;
    std::uint64_t bytes = 0;
    int rows = 0;
    std::uint32_t crc32 = 0;
};

std::string toText(const Written& written) {
    std::ostringstream text;
    text << written.execution << ' ' << written.bytes << ' ' << written.rows << ' '
         << written.crc32;
    return text.str();
}

std::optional<Written> parse(const std::string& text) {
    Written written;
    std::istringstream in(text);
    in >> written.execution >> written.bytes >> written.rows >> written.crc32;
    return in ? std::optional(written) : std::nullopt;
}

// Whether the file begins with the bytes of the checkpoint.
bool beginsWith(const std::filesystem::path& file, const Written& written) {
    std::ifstream in(file, std::ios::binary);
    std::array<char, 65536> block{};
    std::uint32_t crc32 = 0;
    std::uint64_t left = written.bytes;
    while (left > 0) {
        const auto size = static_cast<std::streamsize>(std::min<std::uint64_t>(left, block.size()));
        if (!in.read(block.data(), size)) return false;
        crc32 = libdeflate_crc32(crc32, block.data(), static_cast<std::size_t>(size));
        left -= static_cast<std::uint64_t>(size);
    }
    return crc32 == written.crc32;
}

Written keptOf(const StageRun& run, const std::filesystem::path& file) {
    const Written nothing{.execution = run.execution()};
    const auto written = run.checkpoint() ? parse(*run.checkpoint()) : std::nullopt;
    if (!written || written->execution != run.execution()) return nothing;
    return beginsWith(file.string() + ".tmp", *written) ? *written : nothing;
}

// Columns that a spreadsheet should read as numbers; all others are text.
CsvField fieldOf(std::string_view column) {
    static constexpr std::array<std::string_view, 4> kNumbers = {"sheet", "page", "score",
                                                                 "confidence"};
    return std::ranges::find(kNumbers, column) != kNumbers.end() ? CsvField::number
                                                                 : CsvField::text;
}

class Csv : public Stage {
 public:
    explicit Csv(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        SheetTable& sheets = run.sheets();
        sheets.flush();  // stores pending rows
        const std::filesystem::path path = run.folder() / options_.file;
        Written written = keptOf(run, path);
        DurableFile file(path, written.bytes);
        const std::vector<std::string> columns = sheets.rowColumns();
        std::vector<CsvField> kinds(columns.size());
        std::ranges::transform(columns, kinds.begin(), fieldOf);

        const auto total = static_cast<int>(sheets.size());
        publish(run, "Generating CSV", written.rows, total);
        std::string chunk;
        if (written.bytes == 0) {
            chunk = csvLine(columns);
        }
        while (written.rows < total) {
            throwIfStopped(run.stop());
            const int end = std::min(total, written.rows + kRowsPerChunk);
            while (written.rows < end) {
                chunk += csvLine(rowOf(sheets, ++written.rows, columns.size()), kinds);
            }
            append(run, file, chunk, written);
            chunk.clear();
            if (written.rows < total) publish(run, "Generating CSV", written.rows, total);
        }
        file.write(chunk);  // a header without rows
        file.publish();
        run.artifact({.name = options_.file, .path = path});
        publish(run, "Generated CSV " + options_.file + " with " + std::to_string(total) + " rows",
                total, total);
    }

 private:
    static void append(StageRun& run, DurableFile& file, const std::string& chunk,
                       Written& written) {
        file.write(chunk);
        file.sync();
        written.bytes = file.size();
        written.crc32 = libdeflate_crc32(written.crc32, chunk.data(), chunk.size());
        faultPoint("csv.chunk");
        run.checkpoint(toText(written));
    }

    static std::vector<std::string> rowOf(const SheetTable& sheets, int number,
                                          std::size_t columns) {
        auto row = sheets.row(number);
        if (!row || row->size() != columns) {
            throw Error(ErrorClass::permanent, "ROW_MISSING",
                        "sheet " + std::to_string(number) +
                            " has no row; put the stage collect before csv");
        }
        return *std::move(row);
    }

    static void publish(StageRun& run, std::string message, int rows, int total) {
        run.progress().publish({.message = std::move(message),
                                .done = static_cast<double>(rows),
                                .total = static_cast<double>(total)});
    }

    const Options options_;
};

}  // namespace

}  // namespace sheafline::csv

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "csv",
    .version = "1.0.0",
    .summary = "writes the rows of the batch to a CSV file",
    .stage = sheafline::ProcessingStage::generating_csv,
    .weight = 1,
    .restart = sheafline::Restart::from_checkpoint,
    .params = sheafline::paramsOf<sheafline::csv::Options>,
    .make_stage = sheafline::makeStage<sheafline::csv::Csv>};
