// What is known of an upload besides its bytes, as it lies in info.json of its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace sheafline {

struct UploadInfo {
    std::string id{};
    std::string owner{};
    std::optional<std::uint64_t> length{};  // none until all bytes of an upload without are there
    std::uint64_t at_most = 0;              // bytes; the length where there is one
    std::string metadata{};                 // Upload-Metadata as it came
    std::string sha256{};                   // hexadecimal, of the whole file; empty: none was given
    std::int64_t created_at = 0;            // seconds since 1970
    std::int64_t expires_at = 0;
    bool gone = false;  // it expired: known as such for a while (410)
};

// Durable when it returns; replaces what was there.
void writeUploadInfo(const std::filesystem::path& file, const UploadInfo& info);
// Throws Error (UPLOAD_DAMAGED) where the file is none of ours.
UploadInfo readUploadInfo(const std::filesystem::path& file);

}  // namespace sheafline
