#include "accounts/random_id.h"

#include <array>
#include <sodium.h>
#include <stdexcept>

namespace sheafline {

namespace {

void prepare() {
    // Without this, libsodium is slower and not thread-safe. The call is thread-safe, and cheap
    // after the first time.
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

template <std::size_t n>
std::string hexadecimal(const std::array<unsigned char, n>& bytes) {
    std::array<char, n * 2 + 1> text{};
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    return text.data();
}

}  // namespace

std::string randomId() {
    prepare();
    std::array<unsigned char, 16> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    return hexadecimal(bytes);
}

std::string randomPassword() {
    constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // no l, o, 0, 1
    static_assert(kAlphabet.size() == 32);
    prepare();
    std::string text;
    for (int i = 0; i < 20; ++i) text += kAlphabet[randombytes_uniform(32)];
    return text;
}

std::string hashOfId(std::string_view id) {
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(id.data()),
                       id.size(), nullptr, 0);
    return hexadecimal(hash);
}

}  // namespace sheafline
