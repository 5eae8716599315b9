// Passwords in texts such as database URLs: found, and masked before a text is stored or shown.
// Known forms: scheme://user:PASSWORD@host, ?password=PASSWORD, and "host=h password=PASSWORD".
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

// As written, and decoded where that differs (%40 for @).
std::vector<std::string> passwordsIn(std::string_view text);
std::string withoutPasswords(std::string_view text);  // each one is ***

}  // namespace sheafline
