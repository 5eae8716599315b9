#include "sheet_list.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/shown_text.h>

namespace sheafline::extract {

// A few bytes can make a page of a TIFF, and each page costs the time of a sheet.
void rejectManyPages(const ZipArchive& archive, const std::vector<ExtractedEntry>& extracted,
                     std::uint64_t max_pages) {
    std::uint64_t pages = 0;
    for (std::size_t i = 0; i < extracted.size(); ++i) {
        if (extracted[i].pages < 2) continue;
        pages += extracted[i].pages;
        if (pages <= max_pages) continue;
        throw Error(ErrorClass::permanent, "ARCHIVE_TOO_MANY",
                    archive.name() + " has more pages in files of several pages than the " +
                        std::to_string(max_pages) + " that max_pages allows (reached at " +
                        shownText(archive.entries()[i].name) +
                        "); split the archive, or raise max_pages in the pipeline");
    }
}

std::vector<Sheet> listSheets(const ZipArchive& archive,
                              const std::vector<ExtractedEntry>& extracted,
                              std::uint64_t max_sheets) {
    std::vector<Sheet> sheets;
    for (std::size_t i = 0; i < extracted.size(); ++i) {
        if (!extracted[i].ignored_reason.empty()) continue;
        for (std::uint64_t page = 1; page <= extracted[i].pages; ++page) {
            if (sheets.size() == max_sheets) {
                throw Error(ErrorClass::permanent, "ARCHIVE_TOO_MANY",
                            archive.name() + " has more than the " + counted(max_sheets, "sheet") +
                                " that max_entries allows");
            }
            const std::string& reason = extracted[i].unreadable_reason;
            sheets.push_back(
                {.number = static_cast<int>(sheets.size()) + 1,
                 .file = archive.entries()[i].name,
                 .page = static_cast<int>(page),
                 .path = extracted[i].path,
                 .state = reason.empty() ? SheetState::waiting : SheetState::quarantined,
                 .reason = reason});
        }
    }
    return sheets;
}

void requireSheets(const ZipArchive& archive, const std::vector<Sheet>& sheets) {
    if (!sheets.empty()) return;
    throw Error(
        ErrorClass::permanent, "NO_SHEETS",
        archive.name() + " contains no JPEG, PNG, TIFF, WebP or PDF; give an archive of scans");
}

// Entries may have the same name: the n-th file of a name in the list of sheets is the n-th entry
// of that name.
std::map<int, std::size_t> entriesOf(SheetTable& sheets, const std::vector<int>& changed,
                                     const ZipArchive& archive) {
    std::map<std::string, std::map<int, std::size_t>> by_name;  // by name, then n
    std::map<std::string, int> files;
    std::map<int, std::size_t> entries;
    for (std::size_t i = 0; i < archive.entries().size(); ++i) {
        auto& same = by_name[archive.entries()[i].name];
        same.emplace(static_cast<int>(same.size()) + 1, i);
    }
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const Sheet sheet = sheets.at(number);
        if (sheet.page == 1) ++files[sheet.file];
        if (!std::ranges::binary_search(changed, number)) continue;
        const bool is_read = sheet.state != SheetState::waiting || sheets.reading(number);
        // Before this attempt, the sheet was read from a file that was lost with its machine. The
        // stages after this one need it.
        const bool is_lost = !sheet.path.empty() && !std::filesystem::exists(sheet.path);
        if (is_read && !is_lost) continue;
        const auto& same = by_name[sheet.file];
        const auto entry = same.find(files[sheet.file]);
        if (entry == same.end())
            throw Error(ErrorClass::permanent, "ARCHIVE_CHANGED",
                        "the archive no longer has " + shownText(sheet.file));
        entries.emplace(number, entry->second);
    }
    return entries;
}

void leaveOutUnreadable(std::vector<Sheet>& sheets) {
    std::erase_if(sheets, [](const Sheet& sheet) { return !sheet.reason.empty(); });
    for (std::size_t i = 0; i < sheets.size(); ++i) sheets[i].number = static_cast<int>(i) + 1;
}

// After a crash between adding and freezing, the table already has a part of the list.
void addSheets(SheetTable& table, std::vector<Sheet> sheets) {
    const std::size_t known = table.size();
    if (known > sheets.size() ||
        (known > 0 && table.at(static_cast<int>(known)).file != sheets[known - 1].file)) {
        throw Error(ErrorClass::permanent, "ARCHIVE_CHANGED",
                    "the archive is not the one that this batch began with");
    }
    for (std::size_t i = 0; i < known; ++i) {
        // Cleanup or a reboot may have removed the file that the table names.
        const Sheet listed = table.at(sheets[i].number);
        if (listed.path.empty() || !std::filesystem::exists(listed.path))
            table.setPath(listed.number, sheets[i].path);
        // A retry lets quarantined sheets wait again, but this one still cannot be read.
        if (listed.state == SheetState::waiting && !sheets[i].reason.empty())
            table.quarantine(listed.number, sheets[i].reason);
    }
    sheets.erase(sheets.begin(), sheets.begin() + static_cast<std::ptrdiff_t>(known));
    if (!table.frozen()) {
        if (!sheets.empty()) table.add(std::move(sheets));
        faultPoint("extract.freeze");
        table.freeze();
    }
    table.flush();
}

// After a crash, the table already has a part of them.
void listIgnored(SheetTable& table, const ZipArchive& archive,
                 const std::vector<ExtractedEntry>& extracted) {
    if (table.frozen()) return;
    std::size_t known = table.entries().ignored;
    for (std::size_t i = 0; i < extracted.size(); ++i) {
        if (extracted[i].ignored_reason.empty()) continue;
        if (known > 0) {
            --known;
        } else {
            table.skip(archive.entries()[i].name, extracted[i].ignored_reason);
        }
    }
    table.setEntries(extracted.size());
    table.flush();
}

}  // namespace sheafline::extract
