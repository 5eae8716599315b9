#include "uploads/checksum.h"

#include <Poco/Crypto/DigestEngine.h>

#include "crypto/open_ssl.h"
#include "uploads/base64.h"

namespace sheafline {

namespace {

std::optional<ChecksumAlgorithm> algorithmNamed(std::string_view name) {
    if (name == "sha1") return ChecksumAlgorithm::sha1;
    if (name == "sha256") return ChecksumAlgorithm::sha256;
    return std::nullopt;
}

std::size_t digestBytes(ChecksumAlgorithm algorithm) {
    return algorithm == ChecksumAlgorithm::sha1 ? 20 : 32;
}

}  // namespace

std::optional<Checksum> parseUploadChecksum(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto algorithm = algorithmNamed(text.substr(0, space));
    auto digest = decodeBase64(text.substr(space + 1));
    if (!algorithm || !digest || digest->size() != digestBytes(*algorithm)) return std::nullopt;
    return Checksum{.algorithm = *algorithm, .digest = std::move(*digest)};
}

// Uses OpenSSL, which has the processor's instructions for it.
struct Digest::Engine {
    explicit Engine(const std::string& name) : digest(name) {}
    Poco::Crypto::DigestEngine digest;
};

Digest::Digest(ChecksumAlgorithm algorithm) {
    keepOpenSsl();
    engine_ = std::make_unique<Engine>(algorithm == ChecksumAlgorithm::sha1 ? "SHA1" : "SHA256");
}

Digest::~Digest() = default;

void Digest::add(std::span<const char> bytes) {
    engine_->digest.update(bytes.data(), bytes.size());
}

std::string Digest::take() {
    const auto& bytes = engine_->digest.digest();
    return {bytes.begin(), bytes.end()};
}

}  // namespace sheafline
