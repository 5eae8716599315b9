#include "accounts/passwords/password_rules.h"

#include <algorithm>
#include <cctype>
#include <common_passwords.h>  // made by the build
#include <set>

namespace sheafline {

namespace {

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

// Digits and signs at the end are what people add to a word that was rejected.
std::string_view withoutEnding(std::string_view text) {
    while (!text.empty() && std::isalpha(static_cast<unsigned char>(text.back())) == 0)
        text.remove_suffix(1);
    return text;
}

bool isCommon(std::string_view lower) {
    return std::ranges::binary_search(kCommonPasswords, lower);
}

}  // namespace

std::optional<std::string> passwordError(std::string_view password, std::string_view user) {
    constexpr std::size_t kFewestCharacters = 4;
    if (password.size() < kPasswordMinBytes)
        return "a password has at least " + std::to_string(kPasswordMinBytes) +
               " characters; choose a longer one";
    if (password.size() > kPasswordMaxBytes)
        return "a password has at most " + std::to_string(kPasswordMaxBytes) +
               " bytes; choose a shorter one";
    if (password.find('\0') != std::string_view::npos)
        return "a password contains no NUL character; choose another one";
    const std::string lower = lowered(password);
    if (isCommon(lower) || isCommon(withoutEnding(lower)))
        return "this password is one of the most common ones; choose another one";
    if (std::set<char>(lower.begin(), lower.end()).size() < kFewestCharacters)
        return "this password repeats very few characters; choose another one";
    if (!user.empty() && withoutEnding(lower) == withoutEnding(lowered(user)))
        return "this password is the user's name; choose another one";
    return std::nullopt;
}

}  // namespace sheafline
