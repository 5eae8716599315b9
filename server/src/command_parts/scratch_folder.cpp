#include "command_parts/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <sheafline/error.h>

#include "command_parts/temporary_place.h"

namespace sheafline {

ScratchFolder::ScratchFolder(const std::string& prefix) {
    const std::filesystem::path place = temporaryPlace();
    std::string name = (place / (prefix + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
        throwSystemError(errno, "cannot make a folder in " + place.string());
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace sheafline
