#include "api/program_search.h"

#include <cstdlib>
#include <string_view>

namespace sheafline {

std::vector<std::string> programFiles(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos) return {name};
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    std::vector<std::string> files;
    while (true) {
        const std::string_view place = rest.substr(0, rest.find(':'));
        files.push_back(place.empty() ? name : std::string(place) + "/" + name);
        if (place.size() == rest.size()) return files;
        rest.remove_prefix(place.size() + 1);
    }
}

}  // namespace sheafline
