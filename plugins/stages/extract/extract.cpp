// Extracts the sheets of a ZIP archive: checks the whole directory, copies the archive into the
// batch's folder, inflates all entries in parallel, and lists the sheets in the order of the
// archive, then of the pages. A second run lists nothing twice and only restores missing files.
#include <algorithm>
#include <future>
#include <linux/magic.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <sys/statfs.h>
#include <utility>
#include <vector>

#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/shown_text.h>

#include "archive_copy.h"
#include "entry_extraction.h"
#include "zip/zip_archive.h"

namespace sheafline::extract {

namespace {

// Empty means every kind that can be read.
ImageKinds kindsNamed(const std::vector<std::string>& names) {
    if (names.empty()) return {ImageKind::jpeg, ImageKind::png, ImageKind::tiff, ImageKind::webp};
    ImageKinds kinds;
    for (const std::string& name : names) {
        if (name.starts_with("jp")) kinds.insert(ImageKind::jpeg);
        if (name == "png") kinds.insert(ImageKind::png);
        if (name.starts_with("tif")) kinds.insert(ImageKind::tiff);
        if (name == "webp") kinds.insert(ImageKind::webp);
    }
    return kinds;
}

struct Options {
    std::filesystem::path archive;
    ZipLimits limits;
    WantedImages wanted;

    explicit Options(Params& p)
        : archive(p.path("archive", {.help = "ZIP of scanned sheets", .required = true})),
          limits{.max_bytes = p.size("max_bytes", {.help = "most bytes to extract from an archive",
                                                   .default_value = "20GiB"}),
                 .max_entries = static_cast<std::uint64_t>(p.integer(
                     "max_entries", {.help = "most entries of an archive, and most sheets",
                                     .default_value = "200000",
                                     .min = "1",
                                     .max = "10000000"})),
                 .max_entry_bytes = p.size(
                     "max_entry_bytes",
                     {.help = "most bytes of one file", .default_value = "256MiB", .max = "2GiB"}),
                 .max_ratio = p.number("max_ratio", {.help = "most bytes to inflate from one byte",
                                                     .default_value = "200",
                                                     .min = "1"})},
          wanted{.kinds = kindsNamed(p.list(
                     "kinds",
                     {.help = "the kinds of images to take: jpg, png, tif, webp; default: all "
                              "of them",
                      .pattern = "^(jpe?g|png|tiff?|webp)$"})),
                 .max_pages = static_cast<std::uint64_t>(p.integer(
                     "max_pages", {.help = "most pages of all files of an archive that have "
                                           "several pages",
                                   .default_value = "20000",
                                   .min = "1",
                                   .max = "10000000"}))} {}
};

bool isTmpfs(const std::filesystem::path& folder) {
    struct statfs status {};
    return ::statfs(folder.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

// Checked first: otherwise the error would come after an hour of inflating.
void requireSpace(const std::filesystem::path& folder, std::uint64_t bytes) {
    const std::filesystem::space_info space = std::filesystem::space(folder);
    if (bytes > space.available && std::filesystem::is_empty(folder)) {
        throw Error(ErrorClass::permanent, "DISK_FULL",
                    "the archive needs " + std::to_string(bytes) +
                        " bytes and the work folder has " + std::to_string(space.available) +
                        "; free some space");
    }
}

std::uint64_t totalBytes(const ZipArchive& archive) {
    std::uint64_t bytes = 0;
    for (const ZipEntry& entry : archive.entries()) bytes += entry.size;
    return bytes;
}

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
                            archive.name() + " has more than the " + std::to_string(max_sheets) +
                                " sheets that max_entries allows");
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
    if (sheets.empty()) {
        throw Error(
            ErrorClass::permanent, "NO_SHEETS",
            archive.name() + " contains no JPEG, PNG, TIFF or WebP; give an archive of scans");
    }
    return sheets;
}

// The entries of those of `changed` that wait to be read. Entries may have the same name: the n-th
// file of a name in the list of sheets is the n-th entry of that name.
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
        if (sheet.state != SheetState::waiting || sheets.reading(number) ||
            !std::ranges::binary_search(changed, number))
            continue;
        const auto& same = by_name[sheet.file];
        const auto entry = same.find(files[sheet.file]);
        if (entry == same.end())
            throw Error(ErrorClass::permanent, "ARCHIVE_CHANGED",
                        "the archive no longer has " + shownText(sheet.file));
        entries.emplace(number, entry->second);
    }
    return entries;
}

// Earlier versions listed no sheet for what cannot be read, and their batches keep their numbers.
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

void warnOfOddities(const ZipArchive& archive, Log& log) {
    if (archive.unlistedBytes() > 0) {
        log.warning(archive.name() + " has " + std::to_string(archive.unlistedBytes()) +
                    " bytes that belong to no entry; they are ignored");
    }

    std::set<std::string_view> names;
    std::size_t duplicates = 0;
    for (const ZipEntry& entry : archive.entries()) {
        if (!names.insert(entry.name).second) ++duplicates;
    }
    if (duplicates > 0) {
        log.warning(archive.name() + " has " + std::to_string(duplicates) +
                    " entries with the name of an earlier entry; each is a separate sheet");
    }
}

class Extract : public Stage {
 public:
    explicit Extract(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        const std::filesystem::path copy = run.batchFolder() / "archive.zip";
        const std::unique_ptr<DurableFile> fresh = copyWhereMissing(copy, nameIn(run), run.stop());
        const ZipArchive archive(fresh ? unpublished(copy) : copy, nameIn(run), options_.limits);
        if (run.changedSheets()) return restore(run, archive);
        const std::uint64_t bytes = totalBytes(archive);
        requireSpace(run.folder(), bytes);
        warnOfOddities(archive, run.log());

        const std::string start =
            isTmpfs(run.folder()) ? "Extracting ZIP to TMPFS" : "Extracting ZIP";
        const auto total = static_cast<double>(bytes);
        run.progress().publish({.message = start, .total = total});
        // The disk is slower than inflating, so the copy becomes durable in the background.
        std::future<void> durable;
        if (fresh) durable = std::async(std::launch::async, [&fresh] { fresh->publish(); });
        const auto extracted = extractEntries(
            archive, run.folder(), options_.wanted,
            [&](std::size_t, std::uint64_t done) {
                run.progress().publish(
                    {.message = start, .done = static_cast<double>(done), .total = total});
            },
            run.stop());
        if (durable.valid()) durable.get();
        list(run, archive, extracted, total);
    }

 private:
    // The files of the sheets that are read again; the list of sheets stays as it is.
    void restore(StageRun& run, const ZipArchive& archive) const {
        const std::map<int, std::size_t> wanted =
            entriesOf(run.sheets(), run.changedSheets().value(), archive);
        std::set<std::size_t> entries;
        for (const auto& [sheet, entry] : wanted) entries.insert(entry);
        const auto extracted = extractEntries(
            archive, run.folder(), options_.wanted, [](std::size_t, std::uint64_t) {}, run.stop(),
            &entries);
        for (const auto& [sheet, entry] : wanted) {
            run.sheets().setPath(sheet, extracted[entry].path);
            // It still cannot be read.
            if (!extracted[entry].unreadable_reason.empty())
                run.sheets().quarantine(sheet, extracted[entry].unreadable_reason);
        }
        run.sheets().flush();
        const auto count = static_cast<double>(wanted.size());
        run.progress().publish(
            {.message = "Restored " + std::to_string(entries.size()) + " files from ZIP",
             .done = count,
             .total = count});
    }

    // The server's copy has another name than the file that was sent.
    std::string nameIn(const StageRun& run) const {
        return run.inputName().empty() ? options_.archive.filename().string()
                                       : std::string(run.inputName());
    }

    std::unique_ptr<DurableFile> copyWhereMissing(const std::filesystem::path& copy,
                                                  const std::string& name,
                                                  const std::stop_token& stop) const {
        if (std::filesystem::exists(copy)) return nullptr;
        const ArchiveFile source(options_.archive, name);
        // Checked before a byte is written, and again below for the bytes that were actually
        // copied.
        static_cast<void>(readZipDirectory(source, options_.limits));
        return copyArchive(source, copy, stop);
    }

    void list(StageRun& run, const ZipArchive& archive,
              const std::vector<ExtractedEntry>& extracted, double total) const {
        rejectManyPages(archive, extracted, options_.wanted.max_pages);
        std::vector<Sheet> sheets = listSheets(archive, extracted, options_.limits.max_entries);
        std::size_t unreadable = 0;
        std::size_t files = 0;
        for (const ExtractedEntry& entry : extracted) {
            if (!entry.ignored_reason.empty()) continue;
            ++(entry.unreadable_reason.empty() ? files : unreadable);
        }
        if (run.sheets().frozen() && run.sheets().entries().total == 0) leaveOutUnreadable(sheets);
        listIgnored(run.sheets(), archive, extracted);
        addSheets(run.sheets(), std::move(sheets));
        const std::size_t ignored = extracted.size() - files - unreadable;
        std::string message = "Extracted " + std::to_string(files) + " files from ZIP";
        if (unreadable > 0) message += " (" + std::to_string(unreadable) + " unreadable";
        if (ignored > 0)
            message += (unreadable > 0 ? ", " : " (") + std::to_string(ignored) + " ignored";
        if (unreadable + ignored > 0) message += ')';
        run.progress().publish({.message = std::move(message), .done = total, .total = total});
    }

    // After a crash, the table already has a part of them.
    static void listIgnored(SheetTable& table, const ZipArchive& archive,
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
    }

    const Options options_;
};

}  // namespace

}  // namespace sheafline::extract

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "extract",
    .version = "1.0.0",
    .summary = "extracts the sheets of a ZIP archive",
    .stage = sheafline::ProcessingStage::extracting,
    .weight = 5,
    .restart = sheafline::Restart::from_item,
    .rebuilds = true,
    .params = sheafline::paramsOf<sheafline::extract::Options>,
    .files = sheafline::noFiles,  // the batch has a copy of its archive
    .make_stage = sheafline::makeStage<sheafline::extract::Extract>};
