#include "command_parts/temporary_place.h"

#include <cstdlib>
#include <string>
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

}  // namespace sheafline
