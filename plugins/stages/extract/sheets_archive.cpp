#include "sheets_archive.h"

#include <algorithm>
#include <fcntl.h>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/stage.h>
#include <sheafline/utf8.h>

#include "page_notes.h"
#include "unreadable_entry.h"
#include "write_all.h"
#include "zip/entry_start.h"
#include "zip/zip_writer.h"

namespace sheafline::extract {

namespace {

std::span<const std::uint8_t> bytesOf(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool isPdf(const ZipArchive& archive, const ZipEntry& entry) {
    const bool readable = entry.kind == ZipEntryKind::file && entry.locked.empty();
    if (!readable || !ignoredByName(entry).empty()) return false;
    const bool pdf = looksLikePdf(startOf(archive, entry, kStartBytes));
    archive.letGo(entry);
    return pdf;
}

// An entry as a file, for a program that opens it.
class UnpackedEntry {
 public:
    UnpackedEntry(const ZipArchive& archive, const ZipEntry& entry,
                  const std::filesystem::path& folder)
        : path_(folder / "pages.pdf.tmp") {
        std::vector<std::uint8_t> inflated;
        std::span<const std::uint8_t> bytes = archive.packed(entry);
        if (entry.method != ZipMethod::stored) {
            Inflater(archive).inflate(entry, inflated);
            bytes = inflated;
        } else if (!hasChecksum(bytes, entry.crc32)) {
            throw UnreadablePdf("is damaged (it has a wrong checksum); pack it again");
        }
        const FileDescriptor file = openFile(path_, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
        writeAll(file, bytes, path_);
        archive.letGo(entry);
    }
    ~UnpackedEntry() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    UnpackedEntry(const UnpackedEntry&) = delete;
    UnpackedEntry& operator=(const UnpackedEntry&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    const std::filesystem::path path_;
};

class SheetsArchive {
 public:
    explicit SheetsArchive(const SheetsArchiveUse& use)
        : use_(use), writer_(use.target), known_(writer_.entries().size()) {}

    void addUpload(const std::filesystem::path& file, const std::string& name, UploadKind kind) {
        if (kind == UploadKind::image) {
            const ArchiveFile image(file, name);
            if (image.size() > use_.pdf.max_image_bytes)
                throw Error(ErrorClass::permanent, "ARCHIVE_TOO_LARGE",
                            name +
                                " is larger than max_entry_bytes allows; scan it with a lower "
                                "resolution, or raise max_entry_bytes in the pipeline");
            const auto bytes = image.read(0, static_cast<std::size_t>(image.size()));
            if (!skipKnown(name)) writer_.add(name, bytes);
            return;
        }
        try {
            addPages(file, name, 0, 1);
        } catch (const UnreadablePdf& error) {
            throw Error(ErrorClass::permanent, "PDF_UNREADABLE", name + ' ' + error.what());
        }
    }

    void addEntries(const ZipArchive& archive) {
        const auto& entries = archive.entries();
        const auto count = static_cast<double>(entries.size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            throwIfStopped(use_.stop);
            const ZipEntry& entry = entries[i];
            if (isPdf(archive, entry)) {
                addPdf(archive, entry, static_cast<double>(i) / count, 1 / count);
            } else if (!skipKnown(entry.name)) {
                add(archive, entry);
                requireRoom();
            }
            use_.progress(static_cast<double>(i + 1) / count, entry.name);
        }
    }

    void publish() {
        faultPoint("extract.pages");
        writer_.publish();
    }

 private:
    // Whether an earlier run has written this entry.
    bool skipKnown(const std::string& name) {
        const bool there = next_ < known_ && writer_.entries()[next_].name == name;
        if (there) ++next_;
        return there;
    }

    void add(const ZipArchive& archive, const ZipEntry& entry) {
        if (entry.locked.empty()) {
            writer_.addPacked(entry, archive.packed(entry));
            archive.letGo(entry);
        } else if (const std::string reason = lockedReason(entry); !reason.empty()) {
            addNote(entry.name, reason);
        } else {
            writer_.add(entry.name, {});  // it is no sheet, and stays an entry
        }
    }

    void addPdf(const ZipArchive& archive, const ZipEntry& entry, double begin, double share) {
        if (skipKnown(entry.name)) return;  // with the reason why nobody can read it
        try {
            const UnpackedEntry file(archive, entry, use_.folder);
            addPages(file.path(), entry.name, begin, share);
        } catch (const UnreadablePdf& error) {
            addNote(entry.name, std::string("unreadable: the PDF ") + error.what());
        }
    }

    void addPages(const std::filesystem::path& file, const std::string& name, double begin,
                  double share) {
        std::uint64_t first = 1;
        while (skipKnown(pageName(name, first))) ++first;
        pages_ += first - 1;
        const PdfReader reader(use_.pdf, use_.stop);
        const double most = use_.max_ratio * static_cast<double>(std::filesystem::file_size(file));
        double taken = 0;
        const std::uint64_t room = use_.pdf.max_pages - std::min(use_.pdf.max_pages, pages_);
        reader.read(file, first, room + first - 1, [&](PdfPage page) {
            const std::string page_name = pageName(name, page.number);
            if (!page.drawn) taken += static_cast<double>(page.image.size());
            if (page.reason.empty() && taken > most)
                page.reason =
                    "unreadable: the pages of the PDF share images and would become more bytes "
                    "than max_ratio allows; scan them again";
            if (page.reason.empty())
                writer_.add(page_name, page.image);
            else
                addNote(page_name, page.reason);
            ++pages_;
            requireRoom();
            faultPoint("extract.page");
            use_.progress(
                begin + share * static_cast<double>(page.number) / static_cast<double>(page.count),
                "page " + std::to_string(page.number) + " of " + std::to_string(page.count) +
                    " of " + name);
        });
    }

    void addNote(const std::string& name, const std::string& reason) {
        writer_.add(name, bytesOf(pageNote(reason)));
    }

    void requireRoom() const {
        if (writer_.dataBytes() <= use_.max_bytes) return;
        throw Error(ErrorClass::permanent, "ARCHIVE_TOO_LARGE",
                    "the pages have more bytes than max_bytes allows; split the upload, or raise "
                    "max_bytes in the pipeline");
    }

    const SheetsArchiveUse& use_;
    ZipWriter writer_;
    const std::size_t known_;  // entries of an earlier run
    std::size_t next_ = 0;     // of those
    std::uint64_t pages_ = 0;
};

}  // namespace

bool hasPdf(const ZipArchive& archive) {
    return std::ranges::any_of(archive.entries(),
                               [&](const ZipEntry& entry) { return isPdf(archive, entry); });
}

void makeSheetsArchive(const std::filesystem::path& file, const std::string& name, UploadKind kind,
                       const SheetsArchiveUse& use) {
    SheetsArchive archive(use);
    archive.addUpload(file, cleanUtf8(name), kind);
    archive.publish();
}

void makeSheetsArchive(const ZipArchive& archive, const SheetsArchiveUse& use) {
    SheetsArchive sheets(use);
    sheets.addEntries(archive);
    sheets.publish();
}

}  // namespace sheafline::extract
