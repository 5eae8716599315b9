// The sheets of a batch: a numbered list, written before work starts, that every later stage reads
// and adds to. A stage may call it from any of its threads. Changes are collected and committed in
// order, soon and together; flush(), or StageRun::checkpoint(), returns once they are durable.
// Numbers start at 1.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/export.h>

namespace sheafline {

enum class SheetState { waiting, read, quarantined, discarded };

SHEAFLINE_API std::string_view toString(SheetState state);

struct Sheet {
    int number = 0;                // 1-based, in the order of the archive, then of the pages
    std::string file{};            // the entry's name in the archive, unchanged
    int page = 1;                  // 1-based page of that file
    std::filesystem::path path{};  // where the file is now; empty after cleanup
    SheetState state = SheetState::waiting;
    int attempt = 0;       // failed attempts so far
    std::string reason{};  // why it is quarantined: "no QR code found"
    std::string qr{};
    std::string group{};
};

// The result of a processor for one sheet.
struct Reading {
    std::vector<std::string> values{};  // one for each of the processor's columns
    std::string flags{};                // "q7:faint;q9:multiple", or empty
    double confidence = 1;              // the lowest of the sheet, 0 to 1
    std::string evidence{};             // JSON: what an overlay of the sheet is drawn from
    std::string reason{};               // why the sheet is quarantined; empty if it was read

    bool operator==(const Reading&) const = default;
};

// What a person decided about one column of a sheet.
struct DecidedField {
    std::string column{};
    std::string value{};
    std::string by{};  // who decided
    std::string at{};  // when, in UTC
};

// The reading with the decided values in its columns: their flags become `by_hand`, the other flags
// stay.
SHEAFLINE_API Reading withDecisions(Reading reading, const std::vector<std::string>& columns,
                                    const std::vector<DecidedField>& decided);

// The entries of the batch's archive. Each one has at least one sheet, or is ignored.
struct EntryCounts {
    std::size_t total = 0;  // 0: not known
    std::size_t ignored = 0;
};

class SHEAFLINE_API SheetTable {
 public:
    virtual ~SheetTable();

    virtual std::size_t size() const = 0;
    virtual Sheet at(int number) const = 0;  // throws std::out_of_range
    virtual std::size_t count(SheetState state) const = 0;

    // For `extract`: sheets are numbered in the order of the calls; nothing can be added after
    // freeze(). A sheet that cannot be read is added as `quarantined`, with its reason.
    virtual void add(std::vector<Sheet> sheets) = 0;
    virtual void skip(std::string_view file,
                      std::string_view reason) = 0;  // an ignored entry, which is not a sheet
    virtual void setEntries(std::size_t total) = 0;
    virtual EntryCounts entries() const = 0;
    virtual void freeze() = 0;
    virtual bool frozen() const = 0;

    virtual void setPath(int number, const std::filesystem::path& path) = 0;
    virtual void setCode(int number, std::string_view qr, std::string_view group) = 0;
    virtual void quarantine(int number, std::string_view reason) = 0;
    virtual void discard(int number, std::string_view reason) = 0;  // it is no sheet of this batch
    virtual void countAttempt(int number) = 0;

    // The processor's columns, and what it read: a reason quarantines the sheet, anything else
    // makes it `read`.
    virtual void setColumns(std::vector<std::string> columns) = 0;
    virtual std::vector<std::string> columns() const = 0;
    virtual void setReading(int number, const Reading& reading) = 0;
    virtual std::optional<Reading> reading(int number) const = 0;  // as of the last flush()

    // What people decided about a sheet; it counts in every reading of the sheet. A sheet with
    // decisions waits after setReading(), until settle() stores its reading with the decisions in
    // it. What the processor read is kept beside it.
    virtual std::vector<DecidedField> decisions(int number) const = 0;
    virtual void settle(int number, const Reading& reading) = 0;

    // The finished rows of the batch, in the columns of rowColumns(); made by `collect`. A sheet
    // whose answers are in the row of another one has less, see collected_row.h.
    virtual std::vector<std::string> rowColumns() const = 0;
    virtual void setRow(int number, const std::vector<std::string>& row) = 0;
    virtual std::optional<std::vector<std::string>> row(int number) const = 0;

    virtual void flush() = 0;
};

}  // namespace sheafline
