#include "row_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <libdeflate.h>
#include <optional>
#include <sstream>
#include <utility>

#include <sheafline/collected_row.h>
#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>
#include <sheafline/shown_text.h>

namespace sheafline::exports {

namespace {

constexpr int kRowsPerChunk = 2000;

struct Written {
    int execution = 0;
    std::uint64_t bytes = 0;
    int sheets = 0;  // the last one whose row is written
    std::uint32_t crc32 = 0;
    int rows = 0;
};

std::string toText(const Written& written) {
    std::ostringstream text;
    text << written.execution << ' ' << written.bytes << ' ' << written.sheets << ' '
         << written.crc32 << ' ' << written.rows;
    return text.str();
}

std::optional<Written> parse(const std::string& text) {
    Written written;
    std::istringstream in(text);
    in >> written.execution >> written.bytes >> written.sheets >> written.crc32 >> written.rows;
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

void append(StageRun& run, DurableFile& file, const std::string& chunk, Written& written) {
    file.write(chunk);
    file.sync();
    written.bytes = file.size();
    written.crc32 = libdeflate_crc32(written.crc32, chunk.data(), chunk.size());
    faultPoint("csv.chunk");
    run.checkpoint(toText(written));
}

}  // namespace

void publishRows(StageRun& run, std::string message, int sheets, int total) {
    run.progress().publish({.message = std::move(message),
                            .done = static_cast<double>(sheets),
                            .total = static_cast<double>(total)});
}

std::string fileOption(Params& params, const std::string& default_name) {
    return params.string("file", {.help = "name of the file, without folders",
                                  .default_value = default_name,
                                  .pattern = kFileName});
}

void writeRows(StageRun& run, const std::string& name, const RowFormat& format) {
    SheetTable& sheets = run.sheets();
    const std::filesystem::path path = run.folder() / name;
    Written written = keptOf(run, path);
    DurableFile file(path, written.bytes);
    const std::size_t columns = sheets.rowColumns().size();
    const auto total = static_cast<int>(sheets.size());
    publishRows(run, "Generating " + format.name(), written.sheets, total);
    std::string chunk;
    if (written.bytes == 0) chunk = format.header();
    while (written.sheets < total) {
        throwIfStopped(run.stop());
        const int end = std::min(total, written.sheets + kRowsPerChunk);
        while (written.sheets < end) {
            const auto row = collectedRow(sheets, ++written.sheets, columns, format.stage());
            if (!row) continue;
            chunk += format.line(*row);
            ++written.rows;
        }
        append(run, file, chunk, written);
        chunk.clear();
        if (written.sheets < total)
            publishRows(run, "Generating " + format.name(), written.sheets, total);
    }
    file.write(chunk);  // a header without rows
    file.publish();
    run.artifact({.name = name, .path = path});
    publishRows(run,
                "Generated " + format.name() + " " + name + " with " +
                    counted(static_cast<std::uint64_t>(written.rows), "row"),
                total, total);
}

}  // namespace sheafline::exports
