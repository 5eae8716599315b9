// Ids and passwords that cannot be guessed, and the form in which an id is stored.
#pragma once

#include <string>
#include <string_view>

namespace sheafline {

std::string randomId();        // 128 bits, 32 hexadecimal digits
std::string randomPassword();  // 100 bits, 20 letters and digits that are easy to tell apart
// The database has only the hash of an id, so that a person who reads it cannot use the ids.
std::string hashOfId(std::string_view id);

}  // namespace sheafline
