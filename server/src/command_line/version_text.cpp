#include "command_line/version_text.h"

#include <sheafline_commit.h>

#include <sheafline/export.h>

namespace sheafline {

std::string versionText() {
    return "sheafline " SHEAFLINE_VERSION " (commit " SHEAFLINE_COMMIT ", plugin ABI " +
           std::to_string(kAbi) + ")";
}

}  // namespace sheafline
