#include "batch/batch_sheets.h"

#include <stdexcept>
#include <utility>

#include <sheafline/collected_row.h>
#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "history/decisions/decision_reader.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

// Contract section 8: the column after those of the processor.
constexpr const char* kLastColumn = "confidence";

}  // namespace

BatchSheets::BatchSheets(OwnerLink& link, const sql::Place& history, const BatchRow& batch,
                         std::filesystem::path work)
    : link_(link),
      batch_id_(batch.batch_id),
      work_(std::move(work)),
      columns_(batch.columns),
      entries_{.total = batch.entries_total.value_or(0),
               .ignored = batch.entries_ignored.value_or(0)},
      frozen_(batch.sheets_frozen),
      reader_(history) {
    sheets_ = reader_.sheets(batch_id_);
    decided_ = DecisionReader(reader_.database()).decidedFields(batch_id_);
    for (Sheet& sheet : sheets_) {
        if (!sheet.path.empty()) sheet.path = work_ / sheet.path;  // an absolute one stays as it is
        ++counts_[sheet.state];
    }
}

std::filesystem::path BatchSheets::stored(const std::filesystem::path& path) const {
    const auto relative = path.lexically_relative(work_);
    return relative.empty() || *relative.begin() == ".." ? path : relative;
}

std::size_t BatchSheets::size() const {
    const std::lock_guard lock(mutex_);
    return sheets_.size();
}

Sheet BatchSheets::at(int number) const {
    const std::lock_guard lock(mutex_);
    if (number < 1 || static_cast<std::size_t>(number) > sheets_.size()) {
        throw std::out_of_range("there is no sheet " + std::to_string(number));
    }
    return sheets_[static_cast<std::size_t>(number) - 1];
}

std::size_t BatchSheets::count(SheetState state) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(state);
    return found == counts_.end() ? 0 : found->second;
}

void BatchSheets::add(std::vector<Sheet> sheets) {
    const std::lock_guard lock(mutex_);
    if (frozen_) throw std::logic_error("the list of sheets is frozen");
    for (Sheet& sheet : sheets) {
        sheet.number = static_cast<int>(sheets_.size()) + 1;
        std::size_t& count = counts_[sheet.state];
        sheets_.push_back(sheet);
        sheet.path = stored(sheet.path);
        try {
            link_.edit([&](Change& change) { change.new_sheets.push_back(std::move(sheet)); });
        } catch (...) {
            sheets_.pop_back();  // the history does not have it
            throw;
        }
        ++count;
    }
}

void BatchSheets::skip(std::string_view file, std::string_view reason) {
    {
        const std::lock_guard lock(mutex_);
        ++entries_.ignored;
    }
    link_.edit([&](Change& change) {
        change.skipped.push_back({.file = std::string(file), .reason = std::string(reason)});
    });
}

void BatchSheets::setEntries(std::size_t total) {
    {
        const std::lock_guard lock(mutex_);
        entries_.total = total;
    }
    link_.edit([&](Change& change) { change.entries_total = total; });
}

EntryCounts BatchSheets::entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
}

void BatchSheets::freeze() {
    {
        const std::lock_guard lock(mutex_);
        frozen_ = true;
    }
    link_.editAndWait([](Change& change) { change.freeze_sheets = true; });
}

bool BatchSheets::frozen() const {
    const std::lock_guard lock(mutex_);
    return frozen_;
}

void BatchSheets::change(int number, const std::function<void(Sheet&, ChangedSheet&)>& put) {
    ChangedSheet change{.number = number};
    {
        const std::lock_guard lock(mutex_);
        put(sheets_.at(static_cast<std::size_t>(number) - 1), change);
    }
    link_.edit([&](Change& next) { next.sheets.push_back(std::move(change)); });
}

void BatchSheets::move(Sheet& sheet, SheetState to) {
    --counts_[sheet.state];
    sheet.state = to;
    ++counts_[to];
}

void BatchSheets::setPath(int number, const std::filesystem::path& path) {
    change(number, [&](Sheet& sheet, ChangedSheet& change) {
        sheet.path = path;
        change.path = path.empty() ? std::string() : stored(path).native();
    });
}

void BatchSheets::setCode(int number, std::string_view qr, std::string_view group) {
    change(number, [&](Sheet& sheet, ChangedSheet& change) {
        change.qr = sheet.qr = qr;
        change.group = sheet.group = group;
    });
}

void BatchSheets::quarantine(int number, std::string_view reason) {
    setAside(number, SheetState::quarantined, reason);
}

void BatchSheets::discard(int number, std::string_view reason) {
    setAside(number, SheetState::discarded, reason);
}

void BatchSheets::setAside(int number, SheetState state, std::string_view reason) {
    change(number, [&](Sheet& sheet, ChangedSheet& change) {
        move(sheet, state);
        change.state = sheet.state;
        change.reason = sheet.reason = reason;
    });
}

void BatchSheets::countAttempt(int number) {
    change(number, [&](Sheet& sheet, ChangedSheet& change) {
        ++sheet.attempt;
        change.attempt_failed = true;
    });
}

void BatchSheets::setColumns(std::vector<std::string> columns) {
    if (check_columns_) check_columns_(rowColumnsOf(columns));
    {
        const std::lock_guard lock(mutex_);
        columns_ = columns;
    }
    link_.edit([&](Change& change) { change.columns = std::move(columns); });
}

std::vector<std::string> BatchSheets::columns() const {
    const std::lock_guard lock(mutex_);
    return columns_;
}

void BatchSheets::setReading(int number, const Reading& reading) {
    if (!reading.reason.empty() || !decided_.contains(number))
        return store(number, reading, &ChangedSheet::reading);
    requireColumns(number, reading);
    change(number, [&](Sheet&, ChangedSheet& change) { change.reading = reading; });
}

void BatchSheets::settle(int number, const Reading& reading) {
    store(number, reading, &ChangedSheet::settled);
}

std::vector<DecidedField> BatchSheets::decisions(int number) const {
    const auto decided = decided_.find(number);
    return decided == decided_.end() ? std::vector<DecidedField>() : decided->second;
}

void BatchSheets::store(int number, const Reading& reading,
                        std::optional<Reading> ChangedSheet::*place) {
    requireColumns(number, reading);
    change(number, [&](Sheet& sheet, ChangedSheet& change) {
        change.*place = reading;
        const bool rejected = !reading.reason.empty();
        move(sheet, rejected ? SheetState::quarantined : SheetState::read);
        change.state = sheet.state;
        if (rejected) change.reason = sheet.reason = reading.reason;
    });
}

// A reading that does not fit would fail `collect`, long after the stage that made it.
void BatchSheets::requireColumns(int number, const Reading& reading) const {
    const std::size_t wanted = columns().size();
    if (!reading.reason.empty() || reading.values.size() == wanted) return;
    throw Error(ErrorClass::permanent, "WRONG_COLUMNS",
                "the reading of sheet " + std::to_string(number) + " has " +
                    counted(reading.values.size(), "value") + " for " + counted(wanted, "column") +
                    "; call setColumns() with as many names");
}

std::optional<Reading> BatchSheets::reading(int number) const {
    const std::lock_guard lock(reader_mutex_);
    return reader_.reading(batch_id_, number);
}

std::vector<std::string> BatchSheets::rowColumns() const { return rowColumnsOf(columns()); }

std::vector<std::string> rowColumnsOf(const std::vector<std::string>& own) {
    std::vector<std::string> names(sheetColumns().begin(), sheetColumns().end());
    names.insert(names.end(), own.begin(), own.end());
    names.emplace_back(kLastColumn);
    return names;
}

void BatchSheets::setRow(int number, const std::vector<std::string>& row) {
    change(number, [&](Sheet&, ChangedSheet& change) { change.row = jsonArray(row); });
}

std::optional<std::vector<std::string>> BatchSheets::row(int number) const {
    const std::lock_guard lock(reader_mutex_);
    return reader_.row(batch_id_, number);
}

void BatchSheets::flush() { link_.flush(); }

}  // namespace sheafline
