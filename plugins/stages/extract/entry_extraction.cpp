#include "entry_extraction.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/stage.h>

#include "page_notes.h"
#include "unreadable_entry.h"
#include "write_all.h"

namespace sheafline::extract {

namespace {

// Entries above this are inflated one at a time, which bounds the memory.
constexpr std::uint64_t kLargeEntry = 32ULL << 20U;

// An attribute of each extracted file, which sheets::readBytes() asks for: the CRC-32 of its bytes,
// eight hexadecimal digits.
constexpr const char* kChecksum = "user.sheafline.crc32";

std::string fileStem(std::size_t index) {
    const std::string number = std::to_string(index + 1);
    return std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number;
}

class File {
 public:
    File(const std::filesystem::path& path, int flags)
        : path_(path), file_(openFile(path, flags | O_NOFOLLOW)) {}

    std::uint64_t size() const {
        struct stat status {};
        if (::fstat(file_.get(), &status) != 0) failToRead();
        return static_cast<std::uint64_t>(status.st_size);
    }

    bool readAll(std::span<std::uint8_t> bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::read(file_.get(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) failToRead();
            if (count == 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return true;
    }

    void writeAll(std::span<const std::uint8_t> bytes) const {
        extract::writeAll(file_, bytes, path_);
    }

    void keepChecksum(std::uint32_t crc32) const {
        std::array<char, 9> digits{};
        std::snprintf(digits.data(), digits.size(), "%08x", crc32);
        // Not every file system has attributes; without them the file is not checked.
        static_cast<void>(::fsetxattr(file_.get(), kChecksum, digits.data(), digits.size() - 1, 0));
    }

 private:
    [[noreturn]] void failToRead() const {
        throwSystemError(errno, "cannot read " + path_.filename().string());
    }

    const std::filesystem::path path_;
    const FileDescriptor file_;
};

std::string_view notAnImage(const ZipEntry& entry) {
    switch (entry.kind) {
        case ZipEntryKind::link:
            return "is a symbolic link; pack the file that it points to";
        case ZipEntryKind::device:
            return "is a device or a pipe";
        default:
            return "is not a JPEG, PNG, TIFF or WebP";
    }
}

class EntryExtraction {
 public:
    EntryExtraction(const ZipArchive& archive, const std::filesystem::path& folder,
                    const WantedImages& wanted, const ExtractionProgress& progress,
                    std::stop_token stop, const std::set<std::size_t>* only)
        : archive_(archive),
          folder_(folder),
          wanted_(wanted),
          progress_(progress),
          stop_(std::move(stop)),
          only_(only),
          results_(archive.entries().size()) {
        for (const auto& file : std::filesystem::directory_iterator(folder)) {
            if (file.path().extension() != ".tmp") there_[file.path().stem()] = file.path();
        }
    }

    std::vector<ExtractedEntry> run() {
        {
            const std::size_t count = std::clamp<std::size_t>(
                std::thread::hardware_concurrency(), 1, std::max<std::size_t>(results_.size(), 1));
            std::vector<std::jthread> threads;
            threads.reserve(count);
            for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
        }
        if (failure_) std::rethrow_exception(failure_);
        throwIfStopped(stop_);
        return std::move(results_);
    }

 private:
    void work() noexcept {
        try {
            Inflater inflater(archive_);
            std::vector<std::uint8_t> buffer;
            while (!stop_.stop_requested() && !failed_) {
                const std::size_t index = next_++;
                if (index >= results_.size()) return;
                if (only_ != nullptr && !only_->contains(index)) continue;
                extractOne(index, inflater, buffer);
                const std::scoped_lock lock(mutex_);
                entries_done_ += 1;
                bytes_done_ += archive_.entries()[index].size;
                progress_(entries_done_, bytes_done_);
            }
        } catch (...) {
            const std::scoped_lock lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            failed_ = true;
        }
    }

    void extractOne(std::size_t index, Inflater& inflater, std::vector<std::uint8_t>& buffer) {
        const ZipEntry& entry = archive_.entries()[index];
        ExtractedEntry& result = results_[index];
        result.ignored_reason = ignoredByName(entry);
        if (!result.ignored_reason.empty()) return;
        if (!entry.locked.empty()) return setAside(index, entry, result);

        std::unique_lock<std::mutex> turn;
        if (entry.size > kLargeEntry) turn = std::unique_lock(large_mutex_);
        const bool there = readWhole(index, entry, buffer);
        if (!there) inflater.inflate(entry, buffer);
        classify(entry, buffer, result);
        if (result.ignored_reason.empty()) {
            result.path = folder_ / (fileStem(index) + std::string(extensionOf(result.kind)));
            if (!there) write(result.path, buffer, entry.crc32);
        }
        if (turn) buffer = {};
    }

    // Its bytes cannot be had. What is named like an image is a sheet with an empty file.
    void setAside(std::size_t index, const ZipEntry& entry, ExtractedEntry& result) const {
        result.unreadable_reason = lockedReason(entry);
        if (result.unreadable_reason.empty()) {
            result.ignored_reason = entry.locked;
            return;
        }
        result.pages = 1;
        result.path = folder_ / fileStem(index);
        write(result.path, {}, 0);
    }

    void classify(const ZipEntry& entry, std::span<const std::uint8_t> bytes,
                  ExtractedEntry& result) const {
        const bool is_file = entry.kind == ZipEntryKind::file;
        result.kind = is_file ? imageKind(bytes) : ImageKind::none;
        const ImageKind kind = result.kind == ImageKind::none ? namedKind(entry.name) : result.kind;
        const bool is_page = wanted_.pages && isPageName(entry.name);
        if (wanted_.pages && result.kind == ImageKind::none) {
            if (auto reason = reasonIn(bytes)) {
                result.pages = 1;
                result.unreadable_reason = std::move(*reason);
                return;
            }
        }
        if (!is_page && kind != ImageKind::none && !wanted_.kinds.contains(kind)) {
            result.ignored_reason = "is of a kind that the option kinds leaves out";
        } else if (result.kind != ImageKind::none) {
            result.pages = countPages(result.kind, bytes, wanted_.max_pages);
        } else {
            result.pages = 1;
            result.unreadable_reason = unreadableReason(entry, bytes);
            if (result.unreadable_reason.empty()) result.ignored_reason = notAnImage(entry);
        }
    }

    // Not synced: after a power cut, its size or checksum is wrong and it is written again.
    void write(const std::filesystem::path& path, std::span<const std::uint8_t> bytes,
               std::uint32_t crc32) const {
        const std::filesystem::path temporary = path.string() + ".tmp";
        const File file(temporary, O_CREAT | O_TRUNC | O_WRONLY);
        file.writeAll(bytes);
        file.keepChecksum(crc32);
        faultPoint("extract.entry");
        std::filesystem::rename(temporary, path);
    }

    bool readWhole(std::size_t index, const ZipEntry& entry,
                   std::vector<std::uint8_t>& buffer) const {
        const auto found = there_.find(fileStem(index));
        if (found == there_.end()) return false;
        const File file(found->second, O_RDONLY);
        if (file.size() != entry.size) return false;
        buffer.resize(static_cast<std::size_t>(entry.size));
        return file.readAll(buffer) && hasChecksum(buffer, entry.crc32);
    }

    // Constant after construction.
    const ZipArchive& archive_;
    const std::filesystem::path& folder_;
    const WantedImages& wanted_;
    const ExtractionProgress& progress_;
    const std::stop_token stop_;
    const std::set<std::size_t>* const only_;
    std::map<std::string, std::filesystem::path> there_;

    // Each element is written by the one thread that took its index.
    std::vector<ExtractedEntry> results_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> failed_ = false;
    std::mutex large_mutex_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::size_t entries_done_ = 0;
    std::uint64_t bytes_done_ = 0;
    std::exception_ptr failure_;
};

void removeFiles(const std::filesystem::path& folder) {
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::filesystem::remove(file.path());
    }
}

}  // namespace

std::vector<ExtractedEntry> extractEntries(const ZipArchive& archive,
                                           const std::filesystem::path& folder,
                                           const WantedImages& wanted,
                                           const ExtractionProgress& progress,
                                           const std::stop_token& stop,
                                           const std::set<std::size_t>* only) {
    try {
        return EntryExtraction(archive, folder, wanted, progress, stop, only).run();
    } catch (const Error& error) {
        // After any other error (a full disk) the stage is resumed later, and existing files save
        // work.
        if (error.code() == "ARCHIVE_ENTRY") removeFiles(folder);
        throw;
    }
}

}  // namespace sheafline::extract
