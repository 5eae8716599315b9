// Writes ZIP archives byte by byte, honest or lying: whatever is set in ForgedEntry or ForgedZip
// takes the place of the true value.
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
};

struct ForgedZip {
    std::vector<ForgedEntry> entries{};
    std::string before{};   // in front of the first entry, offsets counting it
    std::string between{};  // between the last entry and the directory
    std::string after{};
    std::string comment{};
    bool zip64_end = false;
    std::optional<std::uint64_t> count{};
    std::optional<std::uint64_t> directory_offset{};
    std::optional<std::uint64_t> directory_size{};
    std::optional<std::uint64_t> zip64_end_offset{};

    std::string bytes() const;
};

std::string deflated(const std::string& content);
std::string zipOf(std::vector<ForgedEntry> entries);
std::string jpegLike(const std::string& rest);  // what `extract` takes for a JPEG

}  // namespace sheafline::test
