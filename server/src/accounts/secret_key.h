// The key that signs tokens: 32 random bytes in a file that only its user can read, made durable
// when the file is first needed. A person who has the key can sign in as any user, so a file that
// others can read is rejected and its mode is not repaired: it may have been read already.
//
// rotateSecretKey() makes a new key. The old one moves to NAME.old and stays valid for a while, so
// that no session ends. Its file's time of change is the moment of the rotation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace sheafline {

inline constexpr const char* kSecretKeyFile = "secret.key";  // in the data folder

using SecretKey = std::array<unsigned char, 32>;

// Reads `file`, or makes it. Throws Error (SECRET_KEY) with the remedy if it is not a key file.
SecretKey secretKeyOf(const std::filesystem::path& file);

struct OldKey {
    SecretKey key{};
    std::int64_t replaced_at = 0;  // seconds since 1970
};
inline constexpr std::int64_t kOldKeySeconds = std::int64_t{24} * 3600;  // for which it stays valid

void rotateSecretKey(const std::filesystem::path& file);
// The key before the last rotation of `file`; empty if there was none.
std::optional<OldKey> oldKeyOf(const std::filesystem::path& file);

}  // namespace sheafline
