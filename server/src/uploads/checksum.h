// Checksums of uploads: the header field Upload-Checksum of tus 1.0, and incremental digests.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sheafline {

enum class ChecksumAlgorithm { sha1, sha256 };

inline constexpr std::string_view kChecksumAlgorithms = "sha1,sha256";  // Tus-Checksum-Algorithm

struct Checksum {
    ChecksumAlgorithm algorithm = ChecksumAlgorithm::sha256;
    std::string digest{};  // the bytes themselves

    bool operator==(const Checksum&) const = default;
};

// checksum = algorithm " " base64. Empty if it is not a checksum, or if its algorithm is not
// supported.
std::optional<Checksum> parseUploadChecksum(std::string_view text);

class Digest {
 public:
    explicit Digest(ChecksumAlgorithm algorithm);
    ~Digest();
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;

    void add(std::span<const char> bytes);
    std::string take();  // the bytes of the digest; call it once, at the end

 private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace sheafline
