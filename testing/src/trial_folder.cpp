#include <cerrno>
#include <cstdlib>
#include <fstream>

#include <sheafline/error.h>
#include <sheafline/testing/trial_folder.h>

#include "child_run.h"

namespace sheafline::testing {

TrialFolder::TrialFolder() {
    std::error_code error;
    const std::filesystem::path place = std::filesystem::temp_directory_path(error);
    if (error)
        throw ConfigError(
            "the environment variable TMPDIR does not name a folder; create it, or name another "
            "one");
    std::string name = (place / "sheafline-trial-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throwSystemError(errno, "cannot create a folder in " + place.string());
    path_ = name;
}

TrialFolder::~TrialFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void TrialFolder::write(const std::filesystem::path& name, std::string_view bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream file(path_ / name, std::ios::binary);
    if (!(file << bytes)) throwSystemError(errno, "cannot write " + (path_ / name).string());
}

std::string TrialFolder::read(const std::filesystem::path& name) const {
    return bytesOf(path_ / name);
}

}  // namespace sheafline::testing
