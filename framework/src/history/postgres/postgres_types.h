// The object ids of PostgreSQL's types, which never change (src/include/catalog/pg_type.dat).
#pragma once

namespace sheafline::postgres {

inline constexpr unsigned kBytea = 17;
inline constexpr unsigned kInt8 = 20;
inline constexpr unsigned kText = 25;
inline constexpr unsigned kFloat8 = 701;

}  // namespace sheafline::postgres
