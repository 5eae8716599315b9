#include "base/url_password.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include <Poco/Exception.h>
#include <Poco/URI.h>

namespace sheafline {

namespace {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

constexpr std::string_view kAuthorityEnd = "/?# \t\r\n\"'<>";

// Of each scheme://user:password@host.
void findInAuthorities(std::string_view text, std::vector<Span>& found) {
    for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
        const std::size_t begin = at + 3;
        const std::size_t end = std::min(text.find_first_of(kAuthorityEnd, begin), text.size());
        const std::string_view authority = text.substr(begin, end - begin);
        const std::size_t host = authority.rfind('@');
        const std::size_t colon = authority.find(':');
        if (host == std::string_view::npos || colon == std::string_view::npos || colon > host)
            continue;
        if (colon + 1 < host) found.push_back({begin + colon + 1, begin + host});
    }
}

bool startsWord(std::string_view text, std::size_t at) {
    return at == 0 ||
           (std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0 && text[at - 1] != '_');
}

// Of each password=VALUE, also with spaces around "=" and in quotes, as libpq reads it.
void findInFields(std::string_view text, std::vector<Span>& found) {
    constexpr auto kNames =
        std::to_array<std::string_view>({"password", "sslpassword", "passwd", "pwd"});
    for (const std::string_view name : kNames) {
        for (auto at = text.find(name); at != std::string_view::npos;
             at = text.find(name, at + 1)) {
            const std::size_t equals = text.find_first_not_of(" \t", at + name.size());
            if (!startsWord(text, at) || equals == std::string_view::npos || text[equals] != '=')
                continue;
            std::size_t begin = text.find_first_not_of(" \t", equals + 1);
            if (begin == std::string_view::npos) continue;
            const bool quoted = text[begin] == '\'';
            if (quoted) ++begin;
            const std::size_t end =
                std::min(text.find_first_of(quoted ? "'" : "& \t\r\n\";#", begin), text.size());
            if (begin < end) found.push_back({begin, end});
        }
    }
}

std::vector<Span> passwordSpans(std::string_view text) {
    std::vector<Span> found;
    findInAuthorities(text, found);
    findInFields(text, found);
    std::ranges::sort(found, {}, &Span::begin);
    return found;
}

}  // namespace

std::vector<std::string> passwordsIn(std::string_view text) {
    std::vector<std::string> passwords;
    for (const auto& [begin, end] : passwordSpans(text)) {
        passwords.emplace_back(text.substr(begin, end - begin));
        try {
            std::string decoded;
            Poco::URI::decode(passwords.back(), decoded);
            if (decoded != passwords.back()) passwords.push_back(std::move(decoded));
        } catch (const Poco::Exception&) {  // a % that encodes nothing: used as written
            continue;
        }
    }
    return passwords;
}

std::string withoutPasswords(std::string_view text) {
    std::string masked;
    std::size_t done = 0;
    for (const auto& [begin, end] : passwordSpans(text)) {
        if (begin < done) continue;  // inside the one before
        masked.append(text.substr(done, begin - done)).append("***");
        done = end;
    }
    return masked.append(text.substr(done));
}

}  // namespace sheafline
