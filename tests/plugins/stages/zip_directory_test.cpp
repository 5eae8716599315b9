// Archives over 4 GiB as the Finder of macOS writes them: without ZIP64, so that sizes, offsets and
// counts are modulo the capacity of their fields. The files are sparse.
#include "zip/zip_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "temporary_folder.h"
#include "zip_bytes.h"

using namespace sheafline;
using namespace sheafline::extract;
using namespace sheafline::test;

namespace {

constexpr std::uint64_t kMebi = 1U << 20U;
constexpr ZipLimits kLimits{.max_bytes = 64ULL << 30U,
                            .max_entries = 200'000,
                            .max_entry_bytes = 2ULL << 30U,
                            .max_ratio = 200};

std::string little(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i, value /= 256) text += static_cast<char>(value % 256);
    return text;
}

// Entries of zeros with the given sizes, each with a descriptor.
void writeWrapped(const std::filesystem::path& path, const std::vector<std::uint64_t>& sizes) {
    const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    std::uint64_t offset = 0;
    const auto write = [&](const std::string& bytes) {
        REQUIRE(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
                static_cast<ssize_t>(bytes.size()));
        offset += bytes.size();
    };
    std::string directory;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const std::string name = "scan" + std::to_string(100 + i) + ".tif";
        const std::string length = little(name.size(), 2) + little(0, 2);
        const std::string facts = little(20, 2) + little(8, 2) + little(0, 2) + little(0, 4);
        directory += "PK\x01\x02" + little(0x0314, 2) + facts + little(7, 4) + little(sizes[i], 4) +
                     little(sizes[i], 4) + length + little(0, 2) + little(0, 2) + little(0, 2) +
                     little(0100644U << 16U, 4) + little(offset, 4) + name;
        write("PK\x03\x04" + facts + little(0, 12) + length + name);
        offset += sizes[i];
        write("PK\x07\x08" + little(7, 4) + little(sizes[i], 4) + little(sizes[i], 4));
    }
    const std::uint64_t place = offset;
    write(directory);
    write("PK\x05\x06" + little(0, 4) + little(sizes.size(), 2) + little(sizes.size(), 2) +
          little(directory.size(), 4) + little(place, 4) + little(0, 2));
    ::close(fd);
}

}  // namespace

TEST_CASE("an archive over 4 GiB without ZIP64 is read whole") {
    const TemporaryFolder folder;
    writeWrapped(folder / "a.zip", std::vector<std::uint64_t>(70, 140 * kMebi));
    const ArchiveFile file(folder / "a.zip", "a.zip");
    REQUIRE(file.size() > 2ULL << 32U);
    const ZipDirectory directory = readZipDirectory(file, kLimits);
    REQUIRE(directory.entries.size() == 70);
    std::uint64_t expected = 0;
    for (const ZipEntry& entry : directory.entries) {
        CHECK(entry.data_offset == expected + 30 + 11);
        expected = entry.data_offset + entry.packed_size + 16;
    }
}

TEST_CASE("an entry over 4 GiB without ZIP64 is named with the remedy") {
    const TemporaryFolder folder;
    writeWrapped(folder / "a.zip", {10 * kMebi, (4ULL << 30U) + 5 * kMebi, 10 * kMebi});
    const ArchiveFile file(folder / "a.zip", "a.zip");
    CHECK_THROWS_WITH(
        readZipDirectory(file, kLimits),
        "a.zip is rejected: its entry 'scan102.tif' has no header where the directory says; the "
        "archive is over 4 GiB and was packed without ZIP64, as the Finder of macOS "
        "does: pack it with zip or 7-Zip, or in smaller parts");
}

TEST_CASE("more than 65,535 entries without ZIP64 are all found") {
    const TemporaryFolder folder;
    std::vector<ForgedEntry> entries;
    for (int i = 0; i < 65'600; ++i) entries.push_back({.name = "f" + std::to_string(i) + "/"});
    folder.write("a.zip", ForgedZip{.entries = entries, .count = 65'600 % 65'536}.bytes());
    const ArchiveFile file(folder / "a.zip", "a.zip");
    CHECK(readZipDirectory(file, kLimits).entries.size() == 65'600);
}
