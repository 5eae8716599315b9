#include "memory_stage_run.h"

#include <algorithm>
#include <stdexcept>

namespace sheafline::test {

namespace {

std::filesystem::path made(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return folder;
}

}  // namespace

std::size_t MemorySheets::size() const {
    const std::scoped_lock lock(mutex_);
    return now_.rows.size();
}

Sheet MemorySheets::at(int number) const {
    const std::scoped_lock lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).sheet;
}

std::size_t MemorySheets::count(SheetState state) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count(now_.rows, state, [](const Row& row) { return row.sheet.state; }));
}

void MemorySheets::add(std::vector<Sheet> sheets) {
    const std::scoped_lock lock(mutex_);
    if (now_.frozen) throw std::logic_error("the list of sheets is frozen");
    for (Sheet& sheet : sheets) {
        sheet.number = static_cast<int>(now_.rows.size()) + 1;
        now_.rows.push_back({.sheet = std::move(sheet)});
    }
}

void MemorySheets::skip(std::string_view file, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    now_.skipped.emplace_back(file, reason);
}

void MemorySheets::setEntries(std::size_t total) {
    const std::lock_guard lock(mutex_);
    now_.entries_total = total;
}

EntryCounts MemorySheets::entries() const {
    const std::lock_guard lock(mutex_);
    return {.total = now_.entries_total, .ignored = now_.skipped.size()};
}

void MemorySheets::freeze() {
    const std::scoped_lock lock(mutex_);
    now_.frozen = true;
    durable_ = now_;
}

bool MemorySheets::frozen() const {
    const std::scoped_lock lock(mutex_);
    return now_.frozen;
}

MemorySheets::Row& MemorySheets::rowAt(int number) {
    return now_.rows.at(static_cast<std::size_t>(number) - 1);
}

void MemorySheets::setPath(int number, const std::filesystem::path& path) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).sheet.path = path;
}

void MemorySheets::setCode(int number, std::string_view qr, std::string_view group) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).sheet.qr = qr;
    rowAt(number).sheet.group = group;
}

void MemorySheets::quarantine(int number, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).sheet.state = SheetState::quarantined;
    rowAt(number).sheet.reason = reason;
}

void MemorySheets::discard(int number, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).sheet.state = SheetState::discarded;
    rowAt(number).sheet.reason = reason;
}

void MemorySheets::countAttempt(int number) {
    const std::scoped_lock lock(mutex_);
    ++rowAt(number).sheet.attempt;
}

void MemorySheets::setColumns(std::vector<std::string> columns) {
    const std::scoped_lock lock(mutex_);
    now_.columns = std::move(columns);
}

std::vector<std::string> MemorySheets::columns() const {
    const std::scoped_lock lock(mutex_);
    return now_.columns;
}

void MemorySheets::setReading(int number, const Reading& reading) {
    const std::scoped_lock lock(mutex_);
    Row& row = rowAt(number);
    row.reading = reading;
    if (reading.reason.empty() && !row.decided.empty()) return;  // it waits for settle()
    row.sheet.state = reading.reason.empty() ? SheetState::read : SheetState::quarantined;
    row.sheet.reason = reading.reason;
}

std::optional<Reading> MemorySheets::reading(int number) const {
    const std::scoped_lock lock(mutex_);
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
    const std::scoped_lock lock(mutex_);
    rowAt(number).row = row;
}

std::optional<std::vector<std::string>> MemorySheets::row(int number) const {
    const std::scoped_lock lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).row;
}

std::vector<DecidedField> MemorySheets::decisions(int number) const {
    const std::scoped_lock lock(mutex_);
    return now_.rows.at(static_cast<std::size_t>(number) - 1).decided;
}

void MemorySheets::settle(int number, const Reading& reading) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).reading = reading;
    rowAt(number).sheet.state = SheetState::read;
}

void MemorySheets::decide(int number, DecidedField field) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).decided.push_back(std::move(field));
}

void MemorySheets::flush() {
    const std::scoped_lock lock(mutex_);
    durable_ = now_;
}

void MemorySheets::letWait(int number) {
    const std::lock_guard lock(mutex_);
    Sheet& sheet = rowAt(number).sheet;
    sheet.state = SheetState::waiting;
    sheet.reason.clear();
}

void MemorySheets::discard(int number) {
    const std::scoped_lock lock(mutex_);
    rowAt(number).sheet.state = SheetState::discarded;
}

void MemorySheets::crash() {
    const std::scoped_lock lock(mutex_);
    now_ = durable_;
}

MemorySheets::Content MemorySheets::content() const {
    const std::scoped_lock lock(mutex_);
    return now_;
}

void MemoryProgress::publish(ProgressEvent event) {
    const std::scoped_lock lock(mutex_);
    events_.push_back(std::move(event));
}

std::vector<ProgressEvent> MemoryProgress::events() const {
    const std::scoped_lock lock(mutex_);
    return events_;
}

std::string MemoryProgress::lastMessage() const {
    const std::scoped_lock lock(mutex_);
    return events_.empty() ? "" : events_.back().message;
}

MemoryStageRun::MemoryStageRun(const std::filesystem::path& root, const std::string& stage_id)
    : folder_(made(root / "work" / stage_id)),
      batch_folder_(made(root / "batch")),
      work_folder_(made(root / "work")) {}

void MemoryStageRun::checkpoint(std::string_view state) {
    if (checkpoint_hook_) checkpoint_hook_(++checkpoints_);
    checkpoint_ = std::string(state);
    sheets_.flush();
}

void MemoryStageRun::artifact(const Artifact& artifact) {
    std::filesystem::rename(artifact.path, made(batch_folder_ / "artifacts") / artifact.name);
}

std::unique_ptr<WorkerPool> MemoryStageRun::workers(const WorkerSpec&) {
    throw std::logic_error("a run in memory has no workers");
}

ProcessorParcel MemoryStageRun::parcel(const ProcessorUse& use) const {
    return {.processor = use, .version = "1.0.0", .program = "test"};
}

void MemoryStageRun::nextExecution() {
    ++execution_;
    checkpoint_.reset();
}

void MemoryStageRun::crash() { sheets_.crash(); }

}  // namespace sheafline::test
