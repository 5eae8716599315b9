#include "shim_run.h"

namespace sheafline::faults {

std::map<std::string, std::string> withShim(const std::string& root,
                                            std::map<std::string, std::string> orders) {
    orders["LD_PRELOAD"] = SHEAFLINE_BINARY_DIR "/lib/fault_shim.so";
    orders["SHIM_ROOT"] = root;
    return orders;
}

}  // namespace sheafline::faults
