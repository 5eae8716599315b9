// Ids and passwords that nobody can guess, and the form in which an id is stored.
#pragma once

#include <string>
#include <string_view>

namespace sheafline {

std::string randomId();        // 128 bits, 32 hexadecimal digits
std::string randomPassword();  // 100 bits, 20 letters and digits that are not mixed up when typed
// Who reads the database must not be able to act with the ids in it: only their hash lies there.
std::string hashOfId(std::string_view id);

}  // namespace sheafline
