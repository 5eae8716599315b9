#include "batch_archive.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <unistd.h>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>
#include <sheafline/file_descriptor.h>

#include "archive_copy.h"
#include "sheets_archive.h"

namespace sheafline::extract {

namespace {

// The server's copy has another name than the file that was sent.
std::string nameOf(const StageRun& run, const Options& options) {
    return run.inputName().empty() ? options.archive.filename().string()
                                   : std::string(run.inputName());
}

// Pages were counted while they were written, and the upload was checked before.
ZipLimits limitsOfPages(ZipLimits limits) {
    constexpr std::uint64_t kHeads = 1U << 20U;  // image formats add less to the pixels of a PDF
    limits.max_bytes = std::numeric_limits<std::uint64_t>::max();
    limits.max_entry_bytes += kHeads;
    return limits;
}

}  // namespace

BatchArchive::BatchArchive(StageRun& run, const Options& options, const Progress& progress)
    : options_(options),
      run_(run),
      own_folder_(run.epochFolders().back()),
      copy_(run.batchFolder() / "archive.zip"),
      pages_(run.batchFolder() / "sheets.zip"),
      name_(nameOf(run, options)) {
    removeLeftovers();
    copyUpload(run.stop());
    kind_ = kindOfUpload(ArchiveFile(upload(), name_));
    of_pages_ = std::filesystem::exists(pages_);
    if (!of_pages_ && kind_ == UploadKind::zip) {
        zip_ = std::make_unique<ZipArchive>(upload(), name_, options_.limits);
        // Batches of earlier versions have a quarantined sheet for a PDF, and keep it.
        if (run.sheets().frozen() || !hasPdf(*zip_)) return;
    }
    if (!of_pages_) makePages(run, progress);
    of_pages_ = true;
    zip_ = std::make_unique<ZipArchive>(pages_, name_, limitsOfPages(options_.limits));
}

// What an earlier owner of the batch could not place.
void BatchArchive::removeLeftovers() const {
    auto folders = run_.epochFolders();
    if (folders.size() < 2) return;
    run_.requireOwnership();
    for (const auto& folder : folders) {
        if (folder == own_folder_ || folder == copy_.parent_path()) continue;
        for (const auto& file : {copy_.filename(), pages_.filename()}) {
            std::filesystem::remove(folder / file);
            std::filesystem::remove(unpublished(folder / file));
        }
    }
}

void BatchArchive::publish() {
    if (!fresh_) return;
    fresh_->publish();
    fresh_.reset();
    place(copy_);
}

std::filesystem::path BatchArchive::upload() const {
    return fresh_ ? unpublished(written(copy_)) : copy_;
}

// Where this run writes one of the archives. Another server may have hung while it wrote the same.
std::filesystem::path BatchArchive::written(const std::filesystem::path& file) const {
    return own_folder_ / file.filename();
}

// The first one counts, because sheets are read from it already.
void BatchArchive::place(const std::filesystem::path& file) {
    const auto own = written(file);
    if (own == file) return;
    run_.requireOwnership();
    faultPoint("extract.place");
    if (::link(own.c_str(), file.c_str()) != 0 && errno != EEXIST)
        throwSystemError(errno, "cannot create " + file.filename().string());
    std::filesystem::remove(own);
    syncFolder(file.parent_path());
}

void BatchArchive::copyUpload(const std::stop_token& stop) {
    if (std::filesystem::exists(copy_)) return;
    const ArchiveFile source(options_.archive, name_);
    // Checked before a byte is written, and again later for the bytes that were actually copied.
    if (kindOfUpload(source) == UploadKind::zip)
        static_cast<void>(readZipDirectory(source, options_.limits));
    fresh_ = copyArchive(source, written(copy_), stop);
}

void BatchArchive::makePages(StageRun& run, const Progress& progress) {
    publish();
    const SheetsArchiveUse use{.target = written(pages_),
                               .folder = run.folder(),
                               .pdf = {.max_pages = options_.wanted.max_pages,
                                       .max_image_bytes = options_.limits.max_entry_bytes,
                                       .page_timeout = options_.page_timeout},
                               .max_bytes = options_.limits.max_bytes,
                               .max_ratio = options_.limits.max_ratio,
                               .stop = run.stop(),
                               .progress = progress};
    if (kind_ == UploadKind::zip)
        makeSheetsArchive(*zip_, use);
    else
        makeSheetsArchive(copy_, name_, kind_, use);
    place(pages_);
}

}  // namespace sheafline::extract
