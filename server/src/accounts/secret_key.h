// The key that signs tokens: 32 random bytes in a file that only its owner may read, made durable
// when the file is first wanted. Whoever has it is everybody, so a file that others may read is
// refused, never mended: it may have been read already.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>

namespace sheafline {

inline constexpr const char* kSecretKeyFile = "secret.key";  // in the data folder

using SecretKey = std::array<unsigned char, 32>;

// Reads `file`, or makes it. Throws Error (SECRET_KEY) with the remedy where it is no such file.
SecretKey secretKeyOf(const std::filesystem::path& file);

}  // namespace sheafline
