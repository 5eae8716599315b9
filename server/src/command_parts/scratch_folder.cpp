#include "command_parts/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <sheafline/error.h>

namespace sheafline {

std::filesystem::path temporaryPlace() {
    std::error_code error;
    std::filesystem::path place = std::filesystem::temp_directory_path(error);
    if (!error) return place;
    const char* named = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    if (named == nullptr)
        throw ConfigError(
            "the folder /tmp does not exist; create it, or name another folder with "
            "the environment variable TMPDIR");
    throw ConfigError("the environment variable TMPDIR names '" + std::string(named) +
                      "', which is not a folder; create it, or name another one");
}

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
