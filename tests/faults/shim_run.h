// Runs the program with the library of shim/ in front of its system calls. Not under sanitizers,
// which stand there themselves.
#pragma once

#include <map>
#include <string>
#include <utility>

namespace sheafline::faults {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kShimWorks = false;
#else
inline constexpr bool kShimWorks = true;
#endif

// `orders` as shim/shim_plan.h has them; files below `root` alone are meant.
inline std::map<std::string, std::string> withShim(const std::string& root,
                                                   std::map<std::string, std::string> orders) {
    orders["LD_PRELOAD"] = SHEAFLINE_BINARY_DIR "/lib/fault_shim.so";
    orders["SHIM_ROOT"] = root;
    return orders;
}

}  // namespace sheafline::faults
