// What `--version` prints: "sheafline 0.1.0 (commit 1ae95ee, plugin ABI 2)".
#pragma once

#include <string>

namespace sheafline {

std::string versionText();

}  // namespace sheafline
