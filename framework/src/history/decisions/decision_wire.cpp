#include "history/decisions/decision_wire.h"

#include <utility>

#include <sheafline/error.h>

#include "process/wire.h"

namespace sheafline {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr auto kKindCount = static_cast<std::int64_t>(DecisionKind::undo) + 1;

std::string hexOf(std::string_view bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char letter : bytes) {
        const auto byte = static_cast<unsigned char>(letter);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::string bytesOf(std::string_view hex) {
    std::string bytes;
    if (hex.size() % 2 != 0) WireReader::fail("an odd number of digits");
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const std::size_t high = kDigits.find(hex[i]);
        const std::size_t low = kDigits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos)
            WireReader::fail("a letter that is no digit");
        bytes += static_cast<char>(16 * high + low);
    }
    return bytes;
}

int numberOf(WireReader& in) {
    const std::int64_t number = in.i64();
    if (!std::in_range<int>(number) || number < 0) WireReader::fail("a number out of its range");
    return static_cast<int>(number);
}

}  // namespace

std::string wordOf(const NewDecisions& decisions) {
    WireWriter out;
    out.text(decisions.user).text(decisions.request).u64(decisions.list.size());
    for (const NewDecision& decision : decisions.list) {
        out.i64(decision.sheet)
            .text(decision.field)
            .i64(static_cast<std::int64_t>(decision.kind))
            .text(decision.value)
            .text(decision.reason)
            .text(decision.place)
            .i64(decision.undoes)
            .i64(decision.replaces)
            .flag(decision.force);
    }
    return hexOf(out.bytes());
}

NewDecisions decisionsOfWord(std::string_view word) {
    const std::string bytes = bytesOf(word);
    WireReader in(bytes);
    NewDecisions decisions{.user = in.text(), .request = in.text()};
    for (std::uint64_t left = in.u64(); left > 0; --left) {
        NewDecision& decision = decisions.list.emplace_back();
        decision.sheet = numberOf(in);
        decision.field = in.text();
        const std::int64_t kind = in.i64();
        if (kind < 0 || kind >= kKindCount) WireReader::fail("an unknown kind of decision");
        decision.kind = static_cast<DecisionKind>(kind);
        decision.value = in.text();
        decision.reason = in.text();
        decision.place = in.text();
        decision.undoes = numberOf(in);
        decision.replaces = numberOf(in);
        decision.force = in.flag();
    }
    in.requireEnd();
    return decisions;
}

}  // namespace sheafline
