// The description of an upload, stored in info.json of its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace sheafline {

struct UploadInfo {
    std::string id{};
    std::string owner{};
    std::optional<std::uint64_t> length{};  // empty until an upload without a declared length is
                                            // complete
    std::uint64_t at_most = 0;    // most bytes that it may have; the length if it is declared
    std::string metadata{};       // Upload-Metadata as received
    std::string sha256{};         // hexadecimal, of the whole file; may be empty
    std::int64_t created_at = 0;  // seconds since 1970
    std::int64_t expires_at = 0;
    bool gone = false;  // it expired; the id answers 410 for some time
};

std::filesystem::path uploadInfoFile(const std::filesystem::path& upload);  // in its folder

// Durable when it returns; replaces an existing file.
void writeUploadInfo(const std::filesystem::path& file, const UploadInfo& info);
// Throws Error (UPLOAD_DAMAGED) if the file was not written by this program.
UploadInfo readUploadInfo(const std::filesystem::path& file);

}  // namespace sheafline
