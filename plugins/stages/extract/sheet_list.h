// The list of a batch's sheets, in the order of the archive, then of the pages. A second run lists
// nothing twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <sheafline/sheets.h>

#include "entry_extraction.h"
#include "zip/zip_archive.h"

namespace sheafline::extract {

void rejectManyPages(const ZipArchive& archive, const std::vector<ExtractedEntry>& extracted,
                     std::uint64_t max_pages);

std::vector<Sheet> listSheets(const ZipArchive& archive,
                              const std::vector<ExtractedEntry>& extracted,
                              std::uint64_t max_sheets);

// An archive without a sheet is an error. Its ignored entries are listed before.
void requireSheets(const ZipArchive& archive, const std::vector<Sheet>& sheets);

// The entries of those of `changed` that wait to be read.
std::map<int, std::size_t> entriesOf(SheetTable& sheets, const std::vector<int>& changed,
                                     const ZipArchive& archive);

// Earlier versions listed no sheet for what cannot be read, and their batches keep their numbers.
void leaveOutUnreadable(std::vector<Sheet>& sheets);

void listIgnored(SheetTable& table, const ZipArchive& archive,
                 const std::vector<ExtractedEntry>& extracted);
void addSheets(SheetTable& table, std::vector<Sheet> sheets);

}  // namespace sheafline::extract
