// The tables of the history in PostgreSQL, in a schema of their own.
#pragma once

#include <string>

namespace sheafline::postgres {

inline constexpr const char* kSchema = "sheafline";
inline constexpr long long kOwnerLock = 0x5348454146;  // an advisory lock; "SHEAF"

int newestSchema();
std::string migration(int version);  // from this version to the next; 0 is an empty schema

}  // namespace sheafline::postgres
