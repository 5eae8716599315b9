// The binary format of PostgreSQL's values: the most significant byte comes first.
#pragma once

#include <cstdint>
#include <string>

#include <sheafline/error.h>

namespace sheafline::postgres {

template <typename Unsigned>
std::string bigEndian(Unsigned bits) {
    std::string bytes(sizeof(Unsigned), '\0');
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, bits >>= 8)
        *byte = static_cast<char>(bits & 0xFF);
    return bytes;
}

[[noreturn]] inline void wrongUse(const std::string& what) {
    throw Error(ErrorClass::permanent, "DATABASE", what);
}

}  // namespace sheafline::postgres
