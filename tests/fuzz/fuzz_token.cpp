// A signed token. Only an issued token may be accepted; the key of the fuzzer is fixed.
#include "accounts/tokens.h"
#include "fuzz_input.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const SecretKey key{1, 2, 3};
    static const Tokens tokens(key);
    static const std::string issued = tokens.issue(
        TokenKind::session,
        {.user = "ann", .session = "s1", .issued_at = 1'700'000'000, .expires_at = 1'700'003'600});
    const std::string_view text = fuzz::textOf(data, size);
    for (const TokenKind kind : {TokenKind::session, TokenKind::ticket, TokenKind::work}) {
        const auto claims = tokens.verify(kind, text, 1'700'000'100);
        fuzz::require(!claims || (text == issued && kind == TokenKind::session));
    }
    return 0;
}
