// Extracts the sheets of an upload: checks all of it, copies it into the batch's folder, takes the
// pages out of PDFs, inflates all entries in parallel, and lists the sheets in the order of the
// upload, then of the pages. A second run lists nothing twice and only restores missing files.
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

#include <sheafline/plugin.h>
#include <sheafline/shown_text.h>

#include "batch_archive.h"
#include "entry_extraction.h"
#include "extract_options.h"
#include "sheet_list.h"

namespace sheafline::extract {

namespace {

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
        log.warning(archive.name() + " has " + counted(duplicates, "entry", "entries") +
                    " with the name of an earlier entry; each is a separate sheet");
    }
}

const char* kindName(UploadKind kind) {
    switch (kind) {
        case UploadKind::pdf:
            return "PDF";
        case UploadKind::image:
            return "image";
        case UploadKind::zip:
            break;
    }
    return "ZIP";
}

// "12 pages from PDF"
std::string extractedText(std::size_t count, UploadKind kind) {
    // Clients know this message with this noun.
    if (kind == UploadKind::zip) return std::to_string(count) + " files from ZIP";
    if (kind == UploadKind::image) return counted(count, "image");
    return counted(count, "page") + " from PDF";
}

// Making the archive of pages takes the first half of the stage.
constexpr double kPagesShare = 0.5;

class Extract : public Stage {
 public:
    explicit Extract(Params& params) : options_(params) {}

    void run(StageRun& run) override {
        const std::string start = isTmpfs(run.folder()) ? " to TMPFS" : "";
        BatchArchive batch(run, options_, [&](double share, const std::string& what) {
            run.progress().publish({.message = "Extracting pages" + start + ": " + what,
                                    .done = kPagesShare * share,
                                    .total = 1});
        });
        if (run.changedSheets()) return restore(run, batch);
        extract(run, batch, start);
    }

 private:
    void extract(StageRun& run, BatchArchive& batch, const std::string& start) const {
        const ZipArchive& archive = batch.zip();
        const std::uint64_t bytes = totalBytes(archive);
        requireSpace(run.folder(), bytes);
        warnOfOddities(archive, run.log());

        const std::string message = std::string("Extracting ") + kindName(batch.kind()) + start;
        // In bytes, or as a share if the pages came first.
        const double total = batch.ofPages() ? 1 : static_cast<double>(bytes);
        const double before = batch.ofPages() ? kPagesShare : 0;
        const double each =
            batch.ofPages() ? (1 - kPagesShare) / std::max(1.0, static_cast<double>(bytes)) : 1;
        run.progress().publish({.message = message, .done = before, .total = total});
        // The disk is slower than inflating, so the copy becomes durable in the background.
        std::future<void> durable = std::async(std::launch::async, [&batch] { batch.publish(); });
        const auto extracted = extractEntries(
            archive, run.folder(), wantedOf(batch),
            [&](std::size_t, std::uint64_t done) {
                run.progress().publish({.message = message,
                                        .done = before + each * static_cast<double>(done),
                                        .total = total});
            },
            run.stop());
        durable.get();
        list(run, batch, extracted, total);
    }

    // The files of the sheets that are read again; the list of sheets stays as it is.
    void restore(StageRun& run, const BatchArchive& batch) const {
        const ZipArchive& archive = batch.zip();
        const std::map<int, std::size_t> wanted =
            entriesOf(run.sheets(), run.changedSheets().value(), archive);
        std::set<std::size_t> entries;
        for (const auto& [sheet, entry] : wanted) entries.insert(entry);
        const auto extracted = extractEntries(
            archive, run.folder(), wantedOf(batch), [](std::size_t, std::uint64_t) {}, run.stop(),
            &entries);
        for (const auto& [sheet, entry] : wanted) {
            run.sheets().setPath(sheet, extracted[entry].path);
            // It still cannot be read.
            if (!extracted[entry].unreadable_reason.empty() &&
                run.sheets().at(sheet).state == SheetState::waiting)
                run.sheets().quarantine(sheet, extracted[entry].unreadable_reason);
        }
        run.sheets().flush();
        const auto count = static_cast<double>(wanted.size());
        run.progress().publish(
            {.message = "Restored " + extractedText(entries.size(), batch.kind()),
             .done = count,
             .total = count});
    }

    WantedImages wantedOf(const BatchArchive& batch) const {
        WantedImages wanted = options_.wanted;
        wanted.pages = batch.ofPages();
        return wanted;
    }

    void list(StageRun& run, const BatchArchive& batch,
              const std::vector<ExtractedEntry>& extracted, double total) const {
        const ZipArchive& archive = batch.zip();
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
        requireSheets(archive, sheets);
        addSheets(run.sheets(), std::move(sheets));
        const std::size_t ignored = extracted.size() - files - unreadable;
        std::string message = "Extracted " + extractedText(files, batch.kind());
        if (unreadable > 0) message += " (" + std::to_string(unreadable) + " unreadable";
        if (ignored > 0)
            message += (unreadable > 0 ? ", " : " (") + std::to_string(ignored) + " ignored";
        if (unreadable + ignored > 0) message += ')';
        run.progress().publish({.message = std::move(message), .done = total, .total = total});
    }

    const Options options_;
};

}  // namespace

}  // namespace sheafline::extract

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "extract",
    .version = "1.0.0",
    .summary = "extracts the sheets of a ZIP, a PDF or an image",
    .stage = sheafline::ProcessingStage::extracting,
    .weight = 5,
    .restart = sheafline::Restart::from_item,
    .rebuilds = true,
    .params = sheafline::paramsOf<sheafline::extract::Options>,
    .files = sheafline::noFiles,  // the batch has a copy of its archive
    .make_stage = sheafline::makeStage<sheafline::extract::Extract>};
