// The rooms of framework/src, lowest first. Each room uses the rooms before it in this list.
#pragma once

#include <array>

namespace sheafline::test {

inline constexpr std::array kRooms{"base",    "language", "api",     "plugins", "pipeline",
                                   "process", "history",  "workers", "batch",   "owner"};

}  // namespace sheafline::test
