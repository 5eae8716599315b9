// Runs the program with the library of shim/ in front of its system calls. Not with sanitizers,
// which intercept the same calls.
#pragma once

#include <map>
#include <string>

namespace sheafline::faults {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kShimWorks = false;
#else
inline constexpr bool kShimWorks = true;
#endif

// `orders` as shim/shim_plan.h has them; files below `root` alone are meant.
std::map<std::string, std::string> withShim(const std::string& root,
                                            std::map<std::string, std::string> orders);

}  // namespace sheafline::faults
