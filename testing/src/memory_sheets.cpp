#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sheafline/testing/memory_sheets.h>

namespace sheafline::testing {

std::size_t MemorySheets::size() const {
    const std::lock_guard lock(mutex_);
    return now_.rows.size();
}

void MemorySheets::pass(const char* name) {
    if (calls_ != nullptr) calls_->pass(name);
}

Sheet MemorySheets::at(int number) const {
    const std::lock_guard lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).sheet;
}

std::size_t MemorySheets::count(SheetState state) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count(now_.rows, state, [](const Row& row) { return row.sheet.state; }));
}

void MemorySheets::add(std::vector<Sheet> sheets) {
    pass("sheets.add");
    const std::lock_guard lock(mutex_);
    if (now_.frozen) throw std::logic_error("the list of sheets is frozen");
    for (Sheet& sheet : sheets) {
        sheet.number = static_cast<int>(now_.rows.size()) + 1;
        now_.rows.push_back({.sheet = std::move(sheet)});
    }
}

void MemorySheets::skip(std::string_view file, std::string_view reason) {
    pass("sheets.skip");
    const std::lock_guard lock(mutex_);
    now_.skipped.emplace_back(file, reason);
}

void MemorySheets::setEntries(std::size_t total) {
    pass("sheets.setEntries");
    const std::lock_guard lock(mutex_);
    now_.entries_total = total;
}

EntryCounts MemorySheets::entries() const {
    const std::lock_guard lock(mutex_);
    return {.total = now_.entries_total, .ignored = now_.skipped.size()};
}

void MemorySheets::freeze() {
    pass("sheets.freeze");
    {
        const std::lock_guard lock(mutex_);
        now_.frozen = true;
    }
    keep();
}

bool MemorySheets::frozen() const {
    const std::lock_guard lock(mutex_);
    return now_.frozen;
}

MemorySheets::Row& MemorySheets::rowAt(int number) {
    return now_.rows.at(static_cast<std::size_t>(number) - 1);
}

void MemorySheets::setPath(int number, const std::filesystem::path& path) {
    pass("sheets.setPath");
    const std::lock_guard lock(mutex_);
    rowAt(number).sheet.path = path;
}

void MemorySheets::setCode(int number, std::string_view qr, std::string_view group) {
    pass("sheets.setCode");
    const std::lock_guard lock(mutex_);
    rowAt(number).sheet.qr = qr;
    rowAt(number).sheet.group = group;
}

void MemorySheets::quarantine(int number, std::string_view reason) {
    pass("sheets.quarantine");
    const std::lock_guard lock(mutex_);
    rowAt(number).sheet.state = SheetState::quarantined;
    rowAt(number).sheet.reason = reason;
}

void MemorySheets::discard(int number, std::string_view reason) {
    pass("sheets.discard");
    const std::lock_guard lock(mutex_);
    rowAt(number).sheet.state = SheetState::discarded;
    rowAt(number).sheet.reason = reason;
}

void MemorySheets::countAttempt(int number) {
    pass("sheets.countAttempt");
    const std::lock_guard lock(mutex_);
    ++rowAt(number).sheet.attempt;
}

void MemorySheets::setColumns(std::vector<std::string> columns) {
    pass("sheets.setColumns");
    const std::lock_guard lock(mutex_);
    now_.columns = std::move(columns);
}

std::vector<std::string> MemorySheets::columns() const {
    const std::lock_guard lock(mutex_);
    return now_.columns;
}

void MemorySheets::setReading(int number, const Reading& reading) {
    pass("sheets.setReading");
    const std::lock_guard lock(mutex_);
    Row& row = rowAt(number);
    row.reading = reading;
    if (reading.reason.empty() && !row.decided.empty()) return;  // it waits for settle()
    row.sheet.state = reading.reason.empty() ? SheetState::read : SheetState::quarantined;
    row.sheet.reason = reading.reason;
}

std::optional<Reading> MemorySheets::reading(int number) const {
    const std::lock_guard lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).reading;
}

std::vector<std::string> MemorySheets::rowColumns() const {
    std::vector<std::string> names{"batch_id", "sheet", "file",   "page",
                                   "qr",       "group", "status", "flags"};
    const std::vector<std::string> own = columns();
    names.insert(names.end(), own.begin(), own.end());
    names.emplace_back("confidence");
    return names;
}

void MemorySheets::setRow(int number, const std::vector<std::string>& row) {
    pass("sheets.setRow");
    const std::lock_guard lock(mutex_);
    rowAt(number).row = row;
}

std::optional<std::vector<std::string>> MemorySheets::row(int number) const {
    const std::lock_guard lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).row;
}

std::vector<DecidedField> MemorySheets::decisions(int number) const {
    const std::lock_guard lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).decided;
}

void MemorySheets::settle(int number, const Reading& reading) {
    pass("sheets.settle");
    const std::lock_guard lock(mutex_);
    rowAt(number).reading = reading;
    rowAt(number).sheet.state = SheetState::read;
}

void MemorySheets::decide(int number, DecidedField field) {
    const std::lock_guard lock(mutex_);
    rowAt(number).decided.push_back(std::move(field));
}

void MemorySheets::flush() {
    pass("sheets.flush");
    keep();
}

void MemorySheets::keep() {
    {
        const std::lock_guard lock(mutex_);
        durable_ = now_;
    }
    if (kept_) kept_();
}

void MemorySheets::letWait(int number) {
    const std::lock_guard lock(mutex_);
    Sheet& sheet = rowAt(number).sheet;
    sheet.state = SheetState::waiting;
    sheet.reason.clear();
}

void MemorySheets::discard(int number) {
    const std::lock_guard lock(mutex_);
    rowAt(number).sheet.state = SheetState::discarded;
}

void MemorySheets::crash() {
    const std::lock_guard lock(mutex_);
    now_ = durable_;
}

MemorySheets::Content MemorySheets::durable() const {
    const std::lock_guard lock(mutex_);
    return durable_;
}

void MemorySheets::restore(Content content) {
    const std::lock_guard lock(mutex_);
    now_ = durable_ = std::move(content);
}

MemorySheets::Content MemorySheets::content() const {
    const std::lock_guard lock(mutex_);
    return now_;
}

}  // namespace sheafline::testing
