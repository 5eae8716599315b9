// The bytes of an upload in a test. Each byte depends on its place and its upload, so a mixed,
// shifted or torn file is detected.
#pragma once

#include <cstdint>
#include <string>

namespace sheafline {

inline std::string uploadBytes(std::uint64_t seed, std::uint64_t from, std::uint64_t count) {
    std::string bytes(count, '\0');
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t mixed =
            ((from + i) / 8 + 1) * 0x9E3779B97F4A7C15U ^ seed * 0xC2B2AE3D27D4EB4FU;
        mixed ^= mixed >> 29;
        bytes[i] = static_cast<char>(mixed >> (from + i) % 8 * 8);
    }
    return bytes;
}

}  // namespace sheafline
