// What `collect` requires before it makes rows: every entry of the archive is accounted for, and
// every sheet is read, quarantined or discarded. Throws Error SHEETS_DO_NOT_ADD_UP otherwise.
#pragma once

#include <cstddef>
#include <optional>

#include <sheafline/sheets.h>

namespace sheafline {

void requireSettled(const SheetTable& sheets);

// Empty for a sheet that was not read. Version 0.1.0 stored readings without counting their values:
// such a sheet is quarantined, so that it can be fixed and the others are collected.
std::optional<Reading> settledReading(Sheet& sheet, SheetTable& sheets, std::size_t columns);

}  // namespace sheafline
