// The code of an Error for a failed system call. Any thread.
#pragma once

#include <string_view>

namespace sheafline {

// "DISK_FULL" for ENOSPC, "NOT_PERMITTED" for EACCES; "SYSTEM" for all without a code.
std::string_view systemErrorCode(int error_number);

}  // namespace sheafline
