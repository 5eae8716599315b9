// Sends a file to its batch by tus 1.0, in pieces with a checksum each, over as many broken
// connections as there are: what the server has, it says. Blocks.
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

// Returns when the server has all of it, or wants no more of it because the batch ended meanwhile.
// `sent` is told how many bytes are on their way. Throws ConfigError where the file is not the one
// that was begun, and Error (SERVER_UNREACHABLE) where nothing went through for two minutes.
void uploadTo(const RemoteServer& server, const std::string& batch_id, const UploadSource& source,
              const std::function<void(std::uint64_t)>& sent);

}  // namespace sheafline
