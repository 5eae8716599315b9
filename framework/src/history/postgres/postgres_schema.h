// The tables of the history in PostgreSQL, in a schema of their own.
#pragma once

#include <string>

namespace sheafline::postgres {

inline constexpr const char* kSchema = "sheafline";
// Advisory locks. Version 1 had one owner, which held the first while it ran.
inline constexpr long long kLockOfVersion1 = 0x5348454146;  // "SHEAF"
inline constexpr long long kMigrationLock = kLockOfVersion1 + 1;

int newestSchema();
std::string migration(int version);  // from this version to the next; 0 is an empty schema

}  // namespace sheafline::postgres
