// The object ids of PostgreSQL's types, which never change (src/include/catalog/pg_type.dat).
#pragma once

namespace sheafline::postgres {

inline constexpr unsigned kBytea = 17;
inline constexpr unsigned kInt8 = 20;
inline constexpr unsigned kText = 25;
inline constexpr unsigned kFloat8 = 701;
inline constexpr unsigned kTextArray = 1009;
inline constexpr unsigned kInt8Array = 1016;
inline constexpr unsigned kFloat8Array = 1022;

}  // namespace sheafline::postgres
