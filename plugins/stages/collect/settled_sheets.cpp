#include "settled_sheets.h"

#include <string>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

namespace sheafline {

namespace {

[[noreturn]] void reject(const std::string& message) {
    throw Error(ErrorClass::permanent, "SHEETS_DO_NOT_ADD_UP", message);
}

std::string named(const Sheet& sheet) {
    return "sheet " + std::to_string(sheet.number) + " (" + sheet.file + ")";
}

// Each entry of the archive is ignored or has a first page.
void checkEntries(const SheetTable& sheets) {
    const EntryCounts entries = sheets.entries();
    if (entries.total == 0) return;
    std::size_t with_sheets = 0;
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number)
        if (sheets.at(number).page == 1) ++with_sheets;
    if (with_sheets + entries.ignored == entries.total) return;
    reject("the archive has " + counted(entries.total, "entry", "entries") + ", but " +
           counted(with_sheets, "has sheets", "have sheets") + " and " +
           counted(entries.ignored, "is ignored", "are ignored") +
           "; run the batch again from its archive");
}

}  // namespace

void requireSettled(const SheetTable& sheets) {
    checkEntries(sheets);
    const std::size_t settled = sheets.count(SheetState::read) +
                                sheets.count(SheetState::quarantined) +
                                sheets.count(SheetState::discarded);
    if (settled == sheets.size()) return;
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const Sheet sheet = sheets.at(number);
        if (sheet.state == SheetState::waiting) {
            reject(named(sheet) + " was never read, and " +
                   counted(sheets.size() - settled - 1, "other", "others") +
                   "; put a stage that reads the sheets before collect");
        }
    }
    reject("the batch has " + counted(sheets.size(), "sheet") + ", but " +
           counted(settled, "is accounted for", "are accounted for"));
}

std::optional<Reading> settledReading(Sheet& sheet, SheetTable& sheets, std::size_t columns) {
    if (sheet.state != SheetState::read) return std::nullopt;
    auto reading = sheets.reading(sheet.number);
    if (!reading)
        reject(named(sheet) +
               " counts as read but has no reading; read it again with: "
               "sheafline sheets fix");
    if (reading->values.size() == columns) return reading;
    sheets.quarantine(sheet.number, "its reading has " + counted(reading->values.size(), "value") +
                                        " for " + counted(columns, "column"));
    sheet.state = SheetState::quarantined;
    return std::nullopt;
}

}  // namespace sheafline
