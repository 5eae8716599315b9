// Runs the program with the library of shim/ between it and its system calls. Not under sanitizers,
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

// `orders` has the form of shim/shim_plan.h; only files below `root` are affected.
std::map<std::string, std::string> withShim(const std::string& root,
                                            std::map<std::string, std::string> orders);

}  // namespace sheafline::faults
