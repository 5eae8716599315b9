// Writes ZIP archives byte by byte, also with wrong values: a value that is set in ForgedEntry or
// ForgedZip replaces the true one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sheafline::test {

struct ForgedEntry {
    std::string name{};
    std::string content{};
    bool deflated = false;
    bool descriptor = false;  // sizes after the data
    bool zip64 = false;       // sizes in an extra field of the directory
    std::uint16_t flags = 0;
    std::optional<std::uint16_t> method{};
    std::optional<std::uint32_t> crc32{};         // in both headers
    std::optional<std::uint64_t> size{};          // in both headers
    std::optional<std::uint64_t> packed_size{};   // in both headers
    std::optional<std::uint32_t> local_size{};    // in the local header alone
    std::optional<std::string> local_name{};      // in the local header alone
    std::optional<std::uint32_t> local_offset{};  // in the directory
    std::optional<std::string> packed{};          // the bytes themselves
    std::uint8_t host = 0;                        // 0 FAT, 3 Unix
    std::uint16_t disk = 0;
    std::uint32_t external = 0;          // attributes; the mode << 16 on Unix
    std::string extra{};                 // in the directory
    std::string local_extra{};           // in the local header
    std::string gap{};                   // in front of the local header
    bool late = true;                    // with a descriptor: no sizes in the local header
    std::optional<std::string> after{};  // in place of the descriptor
};

struct ForgedZip {
    std::vector<ForgedEntry> entries{};
    std::string before{};   // in front of the first entry, offsets counting it
    std::string between{};  // between the last entry and the directory
    std::string behind{};   // between the directory and its end record
    std::string after{};
    std::string comment{};
    std::uint16_t disk = 0;               // in the end record
    std::optional<std::uint16_t> here{};  // entries on this disk
    bool zip64_end = false;
    std::optional<std::uint64_t> count{};
    std::optional<std::uint64_t> directory_offset{};
    std::optional<std::uint64_t> directory_size{};
    std::optional<std::uint64_t> zip64_end_offset{};

    std::string bytes() const;
};

// A part of an extra field.
std::string extraPart(std::uint16_t id, const std::string& value);
std::string unicodePath(const std::string& raw_name, const std::string& utf8_name);

std::string deflated(const std::string& content);
std::string zipOf(std::vector<ForgedEntry> entries);
std::string jpegLike(const std::string& rest);  // a file that `extract` takes for a JPEG

}  // namespace sheafline::test
