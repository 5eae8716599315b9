// Writes the rows of the batch to a text file, in the order of their sheets, one line for each.
// After a crash, a run continues at its checkpoint if the beginning of the unfinished file matches
// the checkpoint, and otherwise at the first row. The rows come from the table, so the file is
// always the same.
//
//   checkpoint = execution " " bytes " " last-sheet " " crc32 " " rows      ; decimal
//
// The CRC-32 of the bytes detects a damaged file or one of another program; it protects against
// accidents, not against attackers.
#pragma once

#include <string>
#include <vector>

#include <sheafline/params.h>
#include <sheafline/stage.h>

namespace sheafline::exports {

// What makes the lines of a format.
class RowFormat {
 public:
    virtual ~RowFormat() = default;

    virtual std::string name() const = 0;    // "CSV", for messages
    virtual std::string stage() const = 0;   // the stage's plugin
    virtual std::string header() const = 0;  // before the first row; may be empty
    virtual std::string line(const std::vector<std::string>& row) const = 0;
};

// A file name without folders, not hidden.
inline constexpr const char* kFileName = R"(^[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}$)";

// Reads the option `file`.
std::string fileOption(Params& params, const std::string& default_name);

// Reports the rows of how many sheets are written.
void publishRows(StageRun& run, std::string message, int sheets, int total);

// The rows must be flushed. Publishes the artifact `name`.
void writeRows(StageRun& run, const std::string& name, const RowFormat& format);

// A stage that writes one format. `Format` is made from the columns of the rows, and has the
// default name of the file as kFile.
template <typename Format>
struct RowOptions {
    std::string file;

    explicit RowOptions(Params& p) : file(fileOption(p, Format::kFile)) {}
};

template <typename Format>
class RowStage : public Stage {
 public:
    explicit RowStage(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        run.sheets().flush();  // stores pending rows
        writeRows(run, options_.file, Format(run.sheets().rowColumns()));
    }

 private:
    const RowOptions<Format> options_;
};

}  // namespace sheafline::exports
