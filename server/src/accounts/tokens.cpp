// token = header "." payload "." signature, each base64url without padding
// header = {"alg":"HS256","typ":"JWT"}; typ of others is "ticket+jwt" or "work+jwt"
// payload = the claims of tokens.h, with iss "sheafline" and aud "sheafline-session", "-ticket"
// or "-work"
#include "accounts/tokens.h"

#include <array>
#include <sodium.h>
#include <stdexcept>

#include <Poco/Dynamic/Var.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JWT/Serializer.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <sheafline/error.h>

#include "crypto/open_ssl.h"

namespace sheafline {

namespace {

constexpr std::string_view kIssuer = "sheafline";
constexpr std::size_t kMaxTokenBytes = 2048;
constexpr std::int64_t kLeewaySeconds = 30;  // clocks of servers that share the key may differ

std::string derivedKey(const SecretKey& key, std::uint64_t number) {
    std::string derived(32, '\0');
    if (crypto_kdf_derive_from_key(reinterpret_cast<unsigned char*>(derived.data()), derived.size(),
                                   number, "tokens__", key.data()) != 0) {
        throw Error(ErrorClass::permanent, "SECRET_KEY", "cannot derive the keys of tokens");
    }
    return derived;
}

// Reads a text or number exactly as issue() writes it; Poco would accept "12" for 12.
std::string textOf(const Poco::JSON::Object& payload, const std::string& name) {
    const Poco::Dynamic::Var value = payload.get(name);
    return value.isString() ? value.extract<std::string>() : std::string();
}

std::int64_t numberOf(const Poco::JSON::Object& payload, const std::string& name) {
    const Poco::Dynamic::Var value = payload.get(name);
    return value.isInteger() ? value.convert<std::int64_t>() : -1;
}

}  // namespace

struct Tokens::Kind {
    Kind(std::string type_, std::string audience_, std::string key)
        : type(std::move(type_)),
          audience(std::move(audience_)),
          signer(key),
          mac_key(std::move(key)) {
        keepOpenSsl();
        Poco::JWT::Token probe;
        probe.setType(type);
        const std::string text = signer.sign(probe, Poco::JWT::Signer::ALGO_HS256);
        header = text.substr(0, text.find('.') + 1);
    }

    std::string type;
    std::string audience;
    Poco::JWT::Signer signer;
    std::string mac_key;
    std::string header;  // encoded, with its dot
};

Tokens::Tokens(const SecretKey& key, const std::optional<OldKey>& old)
    : old_(old ? std::make_unique<const Tokens>(old->key) : nullptr),
      replaced_at_(old ? old->replaced_at : 0),
      session_(std::make_unique<Kind>("JWT", "sheafline-session", derivedKey(key, 1))),
      ticket_(std::make_unique<Kind>("ticket+jwt", "sheafline-ticket", derivedKey(key, 2))),
      work_(std::make_unique<Kind>("work+jwt", "sheafline-work", derivedKey(key, 3))) {}

Tokens::~Tokens() = default;

const Tokens::Kind& Tokens::of(TokenKind kind) const {
    switch (kind) {
        case TokenKind::session:
            return *session_;
        case TokenKind::ticket:
            return *ticket_;
        case TokenKind::work:
            return *work_;
    }
    throw std::logic_error("no such kind of token");
}

std::string Tokens::issue(TokenKind kind, const Claims& claims) const {
    Poco::JWT::Token token;
    token.setType(of(kind).type);
    token.setIssuer(std::string(kIssuer));
    token.setAudience(of(kind).audience);
    token.setSubject(claims.user);
    token.setId(claims.session);
    // Does not use Poco's setters, which write times as floating-point numbers.
    Poco::JSON::Object& payload = token.payload();
    payload.set("iat", claims.issued_at);
    payload.set("nbf", claims.issued_at);
    payload.set("exp", claims.expires_at);
    payload.set("role", std::string(toString(claims.role)));
    payload.set("gen", claims.generation);
    if (!claims.batch.empty()) payload.set("batch", claims.batch);
    return of(kind).signer.sign(token, Poco::JWT::Signer::ALGO_HS256);
}

namespace {

// Checks the signature first and in constant time, so that only our own text is parsed. Poco's
// verify() parses first, takes the algorithm from the header, and compares byte by byte.
bool signedBy(const std::string& mac_key, std::string_view text) {
    const auto dot = text.rfind('.');
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char*>(text.data()), dot,
                           reinterpret_cast<const unsigned char*>(mac_key.data()));
    constexpr int kForm = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::array<char, sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, kForm)> expected{};
    sodium_bin2base64(expected.data(), expected.size(), mac.data(), mac.size(), kForm);
    const std::string_view given = text.substr(dot + 1);
    return given.size() == expected.size() - 1 &&
           sodium_memcmp(given.data(), expected.data(), given.size()) == 0;
}

}  // namespace

std::optional<Claims> Tokens::verify(TokenKind kind, std::string_view text,
                                     std::int64_t now) const {
    if (auto claims = verifyByOwnKey(kind, text, now)) return claims;
    if (!old_ || now > replaced_at_ + kOldKeySeconds) return std::nullopt;
    auto claims = old_->verifyByOwnKey(kind, text, now);
    // A person who has the old key must not sign new tokens with it.
    if (claims && claims->issued_at > replaced_at_ + kLeewaySeconds) return std::nullopt;
    return claims;
}

std::optional<Claims> Tokens::verifyByOwnKey(TokenKind kind, std::string_view text,
                                             std::int64_t now) const {
    // Accepts only the header that we issue, byte by byte: no other algorithm, no kid, no repeated
    // member.
    if (text.size() > kMaxTokenBytes || !text.starts_with(of(kind).header)) return std::nullopt;
    const std::size_t second_dot = text.find('.', of(kind).header.size());
    if (second_dot == std::string_view::npos || second_dot != text.rfind('.')) return std::nullopt;
    if (!signedBy(of(kind).mac_key, text)) return std::nullopt;
    try {
        const Poco::JWT::Token token{std::string(text)};
        const Poco::JSON::Object& payload = token.payload();
        const auto role = roleNamed(textOf(payload, "role"));
        if (!role || textOf(payload, "iss") != kIssuer ||
            textOf(payload, "aud") != of(kind).audience) {
            return std::nullopt;
        }
        Claims claims{.user = textOf(payload, "sub"),
                      .role = *role,
                      .session = textOf(payload, "jti"),
                      .generation = numberOf(payload, "gen"),
                      .batch = textOf(payload, "batch"),
                      .issued_at = numberOf(payload, "iat"),
                      .expires_at = numberOf(payload, "exp")};
        const std::int64_t not_before = numberOf(payload, "nbf");
        const bool complete = !claims.user.empty() && !claims.session.empty() &&
                              claims.generation >= 0 && claims.issued_at >= 0 && not_before >= 0 &&
                              claims.batch.empty() == (kind == TokenKind::session);
        const bool in_time = now < claims.expires_at + kLeewaySeconds &&
                             now >= not_before - kLeewaySeconds &&
                             now >= claims.issued_at - kLeewaySeconds;
        if (!complete || !in_time) return std::nullopt;
        return claims;
    } catch (const Poco::Exception&) {
        return std::nullopt;  // signed but not a token: issued by a later version that shares the
                              // key
    }
}

}  // namespace sheafline
