#include "accounts/tokens.h"

#include <functional>
#include <sodium.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>
#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "accounts/secret_key.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

SecretKey keyOf(unsigned char byte) {
    SecretKey key{};
    key.fill(byte);
    return key;
}

Claims claims() {
    return {.user = "ann",
            .role = Role::operator_,
            .session = "5e55",
            .generation = 2,
            .issued_at = kNow,
            .expires_at = kNow + 3600};
}

Claims ticketClaims() {
    Claims ticket = claims();
    ticket.generation = 0;
    ticket.batch = "abc-123";
    return ticket;
}

std::string derivedKey(const SecretKey& key, std::uint64_t number) {
    std::string derived(32, '\0');
    REQUIRE(crypto_kdf_derive_from_key(reinterpret_cast<unsigned char*>(derived.data()), 32, number,
                                       "tokens__", key.data()) == 0);
    return derived;
}

std::string base64(const std::string& bytes) {
    std::string text(bytes.size() * 2 + 4, '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text.substr(0, text.find('\0'));
}

// A token signed with the right key, with any header and payload.
std::string forged(const std::string& header, const std::string& payload) {
    const std::string key = derivedKey(keyOf(1), 1);
    const std::string text = base64(header) + "." + base64(payload);
    std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(mac.data()),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                           reinterpret_cast<const unsigned char*>(key.data()));
    return text + "." + base64(mac);
}

constexpr const char* kHeader = R"({"alg":"HS256","typ":"JWT"})";

std::string payload(const std::string& changed, const std::string& value) {
    std::string text = "{";
    const std::vector<std::pair<std::string, std::string>> good{
        {"iss", R"("sheafline")"}, {"aud", R"("sheafline-session")"},
        {"sub", R"("ann")"},       {"jti", R"("5e55")"},
        {"role", R"("operator")"}, {"gen", "2"},
        {"iat", "1800000000"},     {"nbf", "1800000000"},
        {"exp", "1800003600"}};
    for (const auto& [name, usual] : good) {
        const std::string& shown = name == changed ? value : usual;
        if (shown.empty()) continue;
        text.append(text.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(shown);
    }
    return text + "}";
}

}  // namespace

TEST_CASE("a token returns the claims that it was issued with") {
    const Tokens tokens(keyOf(1));
    const std::string session = tokens.issue(TokenKind::session, claims());
    CHECK(tokens.verify(TokenKind::session, session, kNow) == claims());
    const std::string ticket = tokens.issue(TokenKind::ticket, ticketClaims());
    CHECK(tokens.verify(TokenKind::ticket, ticket, kNow) == ticketClaims());
    CHECK(tokens.verify(TokenKind::session, forged(kHeader, payload("", "")), kNow) == claims());
}

TEST_CASE("a tampered token is rejected") {
    const Tokens tokens(keyOf(1));
    const std::string good = tokens.issue(TokenKind::session, claims());
    const auto first = good.find('.');
    const auto second = good.rfind('.');
    const std::string header = good.substr(0, first);
    const std::string body = good.substr(first + 1, second - first - 1);
    const std::string signature = good.substr(second + 1);
    std::string other_signature = signature;
    other_signature[0] = other_signature[0] == 'A' ? 'B' : 'A';
    // 32 bytes leave two unused bits in the last letter: a lenient decoder takes four of them.
    std::string loose_bits = signature;
    loose_bits.back() = static_cast<char>(loose_bits.back() + 1);
    const std::string none = base64(R"({"alg":"none","typ":"JWT"})");

    const std::vector<std::pair<std::string, std::string>> tricks{
        {"empty", ""},
        {"dots alone", ".."},
        {"no signature", header + "." + body + "."},
        {"no second dot", header + "." + body},
        {"a part too many", good + "." + signature},
        {"a part too many in front", header + "." + good},
        {"other signature", header + "." + body + "." + other_signature},
        {"unused bits set", header + "." + body + "." + loose_bits},
        {"padding", good + "="},
        {"a space behind", good + " "},
        {"a line end behind", good + "\n"},
        {"a NUL behind", good + std::string(1, '\0')},
        {"alg none", none + "." + body + "."},
        {"alg none, signature kept", none + "." + body + "." + signature},
        {"alg nOnE", base64(R"({"alg":"nOnE","typ":"JWT"})") + "." + body + "."},
        {"HS512", forged(R"({"alg":"HS512","typ":"JWT"})", payload("", ""))},
        {"RS256", forged(R"({"alg":"RS256","typ":"JWT"})", payload("", ""))},
        {"kid path",
         forged(R"({"alg":"HS256","kid":"../../dev/null","typ":"JWT"})", payload("", ""))},
        {"jku",
         forged(R"({"alg":"HS256","jku":"http://127.0.0.1/","typ":"JWT"})", payload("", ""))},
        {"jwk",
         forged(R"({"alg":"HS256","jwk":{"kty":"oct","k":""},"typ":"JWT"})", payload("", ""))},
        {"crit", forged(R"({"alg":"HS256","crit":["x"],"typ":"JWT"})", payload("", ""))},
        {"two algs", forged(R"({"alg":"none","alg":"HS256","typ":"JWT"})", payload("", ""))},
        {"no typ", forged(R"({"alg":"HS256"})", payload("", ""))},
        {"other typ", forged(R"({"alg":"HS256","typ":"ticket+jwt"})", payload("", ""))},
        {"spaced header", forged(R"({"alg":"HS256", "typ":"JWT"})", payload("", ""))},
        {"another key", Tokens(keyOf(2)).issue(TokenKind::session, claims())},
        {"a ticket", tokens.issue(TokenKind::ticket, ticketClaims())},
        {"oversized", forged(kHeader, payload("sub", "\"" + std::string(3000, 'a') + "\""))},
        {"payload is no object", forged(kHeader, "[]")},
        {"payload is no JSON", forged(kHeader, "{")},
    };
    for (const auto& [trick, text] : tricks) {
        INFO(trick);
        CHECK_FALSE(tokens.verify(TokenKind::session, text, kNow));
    }
}

TEST_CASE("a token with foreign claims is rejected even with the right key") {
    const Tokens tokens(keyOf(1));
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"iss", R"("elsewhere")"},
        {"iss", ""},
        {"aud", R"("sheafline-ticket")"},
        {"aud", R"(["sheafline-session"])"},
        {"aud", ""},
        {"sub", ""},
        {"sub", R"("")"},
        {"sub", "7"},
        {"jti", ""},
        {"jti", R"("")"},
        {"role", ""},
        {"role", R"("root")"},
        {"role", "2"},
        {"gen", ""},
        {"gen", "-1"},
        {"gen", R"("2")"},
        {"iat", ""},
        {"iat", R"("1800000000")"},
        {"iat", "1800000031"},
        {"nbf", ""},
        {"nbf", "1800000031"},
        {"nbf", "1800000000.5"},
        {"exp", ""},
        {"exp", "1799999970"},
        {"exp", "null"},
        {"exp", "true"},
        {"exp", R"("1800003600")"},
        {"exp", "1800003600.0"},
        {"exp", "-1"},
    };
    for (const auto& [name, value] : wrong) {
        INFO(name << " " << value);
        CHECK_FALSE(tokens.verify(TokenKind::session, forged(kHeader, payload(name, value)), kNow));
    }
}

TEST_CASE("a token is valid from issue to expiry, with a tolerance of half a minute", "[F15]") {
    const Tokens tokens(keyOf(1));
    const std::string token = tokens.issue(TokenKind::session, claims());
    const std::vector<std::pair<std::int64_t, bool>> times{{kNow - 31, false},
                                                           {kNow - 30, true},
                                                           {kNow + 3600, true},
                                                           {kNow + 3629, true},
                                                           {kNow + 3630, false}};
    for (const auto& [now, holds] : times) {
        INFO(now - kNow);
        CHECK(tokens.verify(TokenKind::session, token, now).has_value() == holds);
    }
}

TEST_CASE("Poco reads our tokens, and we accept a token that Poco signs with our key") {
    const Tokens tokens(keyOf(1));
    const Poco::JWT::Signer signer(derivedKey(keyOf(1), 1));
    Poco::JWT::Token token = signer.verify(tokens.issue(TokenKind::session, claims()));
    CHECK(token.getSubject() == "ann");
    CHECK(tokens.verify(TokenKind::session, signer.sign(token, "HS256"), kNow) == claims());
    CHECK_FALSE(tokens.verify(TokenKind::session, signer.sign(token, "HS384"), kNow));
}

TEST_CASE("a worker's token is not accepted as another kind of token, nor the reverse") {
    const Tokens tokens(keyOf(1));
    const auto kinds = {TokenKind::session, TokenKind::ticket, TokenKind::work};
    for (const TokenKind made : kinds) {
        const std::string text =
            tokens.issue(made, made == TokenKind::session ? claims() : ticketClaims());
        for (const TokenKind asked : kinds) {
            INFO(static_cast<int>(made) << " as " << static_cast<int>(asked));
            CHECK(tokens.verify(asked, text, kNow).has_value() == (made == asked));
        }
    }
    CHECK_FALSE(tokens.verify(TokenKind::work, tokens.issue(TokenKind::work, claims()), kNow));
}

TEST_CASE("the key is created once, readable only by its owner") {
    const TemporaryFolder folder;
    const SecretKey key = secretKeyOf(folder / "secret.key");
    CHECK(secretKeyOf(folder / "secret.key") == key);
    struct stat status {};
    REQUIRE(::stat((folder / "secret.key").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a key file that other users can read is rejected with the remedy") {
    const TemporaryFolder folder;
    const auto file = folder / "secret.key";
    const std::vector<std::pair<std::string, std::function<void()>>> cases{
        {"can be read or changed by others", [&] { ::chmod(file.c_str(), 0640); }},
        {"can be read or changed by others", [&] { ::chmod(file.c_str(), 0602); }},
        {"is not 32 bytes long", [&] { std::filesystem::resize_file(file, 31); }},
        {"is not 32 bytes long", [&] { std::filesystem::resize_file(file, 33); }},
        {"is a symbolic link",
         [&] {
             std::filesystem::rename(file, folder / "elsewhere");
             std::filesystem::create_symlink("elsewhere", file);
         }},
        {"is not a file",
         [&] {
             std::filesystem::remove(file);
             std::filesystem::create_directory(file);
             ::chmod(file.c_str(), 0700);
         }},
    };
    for (const auto& [why, spoil] : cases) {
        std::filesystem::remove_all(file);
        secretKeyOf(file);
        spoil();
        try {
            secretKeyOf(file);
            FAIL_CHECK("not rejected: " << why);
        } catch (const Error& error) {
            CHECK(error.code() == "SECRET_KEY");
            CHECK_THAT(error.what(), Catch::Matchers::Contains(why));
        }
    }
}

TEST_CASE(
    "after a rotation both keys are valid, the old one for what was issued before, for a day") {
    const TemporaryFolder folder;
    const auto file = folder / "secret.key";
    const SecretKey first = secretKeyOf(file);
    CHECK_FALSE(oldKeyOf(file));
    rotateSecretKey(file);
    const SecretKey second = secretKeyOf(file);
    CHECK(second != first);
    const auto old = oldKeyOf(file);
    REQUIRE(old);
    CHECK(old->key == first);
    const std::int64_t moment = old->replaced_at;
    const Tokens tokens(second, old);
    const auto issuedAt = [](std::int64_t time) {
        Claims mine = claims();
        mine.issued_at = time;
        mine.expires_at = time + 100 * 3600;
        return mine;
    };
    const std::string before = Tokens(first).issue(TokenKind::session, issuedAt(moment - 10));
    CHECK(tokens.verify(TokenKind::session, before, moment + 10));
    CHECK_FALSE(tokens.verify(TokenKind::ticket, before, moment + 10));
    CHECK_FALSE(tokens.verify(TokenKind::session, before, moment + kOldKeySeconds + 1));
    const std::string forged = Tokens(first).issue(TokenKind::session, issuedAt(moment + 60));
    CHECK_FALSE(tokens.verify(TokenKind::session, forged, moment + 60));
    const std::string fresh = tokens.issue(TokenKind::session, issuedAt(moment + 60));
    CHECK(Tokens(second).verify(TokenKind::session, fresh, moment + 60));
    rotateSecretKey(file);
    CHECK(oldKeyOf(file)->key == second);  // one old key at a time
}
