#include "command_parts/packed_input.h"

#include <limits>
#include <system_error>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/utf8.h>

#include "zip/zip_archive.h"
#include "zip/zip_writer.h"

namespace sheafline {

namespace {

using extract::ArchiveFile;
using extract::ZipArchive;
using extract::ZipWriter;

// The server and the stage check what the pipeline allows.
constexpr extract::ZipLimits kAnyArchive{
    .max_bytes = std::numeric_limits<std::uint64_t>::max(),
    .max_entries = std::numeric_limits<std::uint32_t>::max(),
    .max_entry_bytes = std::numeric_limits<std::uint64_t>::max(),
    .max_ratio = 1e18};

void requireFile(const std::filesystem::path& file) {
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    std::string reason;
    if (!std::filesystem::exists(status))
        reason = "no such file";
    else if (!std::filesystem::is_regular_file(status))
        reason = "it is not a file; name each file";
    else if (::access(file.c_str(), R_OK) != 0)
        reason = "this user cannot read it";
    if (!reason.empty()) throw ConfigError(file.string() + ": " + reason);
}

bool isZip(const ArchiveFile& file) {
    constexpr std::size_t kMark = 4;
    if (file.size() < kMark) return false;
    const auto start = file.read(0, kMark);
    return start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
}

void addArchive(ZipWriter& writer, const std::filesystem::path& file, const std::string& folder) {
    const ZipArchive archive(file, file.filename().string(), kAnyArchive);
    for (extract::ZipEntry entry : archive.entries()) {
        const auto packed = archive.packed(entry);
        entry.name.insert(0, folder + '/');
        writer.addPacked(entry, packed);
        archive.letGo(entry);
    }
}

}  // namespace

PackedInput::PackedInput(std::vector<std::filesystem::path> files) : files_(std::move(files)) {
    for (const std::filesystem::path& file : files_) requireFile(file);
}

std::string PackedInput::name() const {
    const std::string first = cleanUtf8(files_.front().filename().string());
    return files_.size() == 1 ? first
                              : first + " and " + std::to_string(files_.size() - 1) + " more";
}

void PackedInput::writeTo(const std::filesystem::path& archive) const {
    std::error_code none;
    std::filesystem::remove(archive.string() + ".tmp", none);
    ZipWriter writer(archive);
    for (const std::filesystem::path& file : files_) {
        const std::string name = cleanUtf8(file.filename().string());
        const ArchiveFile source(file, name);
        if (isZip(source))
            addArchive(writer, file, cleanUtf8(file.stem().string()));
        else
            writer.addFile(name, source);
    }
    writer.publish();
}

TemporaryInput::TemporaryInput(const PackedInput& input) { input.writeTo(path()); }

}  // namespace sheafline
