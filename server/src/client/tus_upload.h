// Uploads a file to its batch by tus 1.0, in pieces with a checksum each. After a lost connection
// it asks the server how much arrived and continues there. Blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "client/remote_server.h"

namespace sheafline {

struct UploadSource {
    std::filesystem::path file{};
    std::uint64_t size_bytes = 0;
};

// Returns when the server has the whole file, or when the batch ended meanwhile. Calls `sent` with
// the number of bytes that were sent. Throws ConfigError if the file is not the one that the upload
// began with, and Error (SERVER_UNREACHABLE) if nothing arrives for two minutes.
void uploadTo(const RemoteServer& server, const std::string& batch_id, const UploadSource& source,
              const std::function<void(std::uint64_t)>& sent);

}  // namespace sheafline
