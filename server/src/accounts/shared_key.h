// Servers with one history in PostgreSQL accept each other's tokens, so they need the same key. The
// database stores a fingerprint of it. Any thread.
#pragma once

#include <filesystem>
#include <string>

namespace sheafline {

// Stores the fingerprint of the key in `file` if there is none yet, and replaces it after a
// rotation of this file. Makes the file only for the first server. Throws Error (SECRET_KEY) if the
// servers of the database at `url` have another key. Does nothing without a URL.
void requireSharedKey(const std::string& url, const std::filesystem::path& file);

}  // namespace sheafline
