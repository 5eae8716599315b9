#include "accounts/shared_key.h"

#include <array>
#include <sodium.h>
#include <string_view>

#include <sheafline/error.h>

#include "accounts/secret_key.h"
#include "history/stores/shared_settings.h"

namespace sheafline {

namespace {

constexpr const char* kSetting = "signing_key";
constexpr std::string_view kText = "sheafline signing key";

// Nobody can compute the key from it.
std::string fingerprintOf(const SecretKey& key) {
    static_assert(std::tuple_size_v<SecretKey> == crypto_auth_hmacsha256_KEYBYTES);
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> bytes{};
    crypto_auth_hmacsha256(bytes.data(), reinterpret_cast<const unsigned char*>(kText.data()),
                           kText.size(), key.data());
    std::array<char, 2 * crypto_auth_hmacsha256_BYTES + 1> text{};
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    return text.data();
}

[[noreturn]] void reject(const std::string& place, const std::string& what) {
    throw Error(
        ErrorClass::permanent, "SECRET_KEY",
        what + " the other servers of the history (" + place +
            "); copy the file from one of them, with mode 0600, or name it with the setting "
            "secret-key");
}

}  // namespace

void requireSharedKey(const std::string& url, const std::filesystem::path& file) {
    if (url.empty()) return;
    SharedSettings settings(url);
    if (settings.value(kSetting) && !std::filesystem::exists(file))
        reject(settings.place(), "there is no key " + file.string() + ", as it is used by");
    const std::string own = fingerprintOf(secretKeyOf(file));
    const std::string stored = settings.valueOr(kSetting, own);
    if (stored == own) return;
    const auto old = oldKeyOf(file);
    if (old && fingerprintOf(old->key) == stored) {
        if (settings.replace(kSetting, stored, own)) return;
        if (settings.value(kSetting) == own) return;  // another server was faster
    }
    reject(settings.place(), "the key in " + file.string() + " is not the one of");
}

}  // namespace sheafline
