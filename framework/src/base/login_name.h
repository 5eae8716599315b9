// The name of the account of the host that runs this process, or its number. Any thread.
#pragma once

#include <string>

namespace sheafline {

std::string loginName();

}  // namespace sheafline
