#include <sheafline/error.h>
#include <sheafline/run_program.h>

namespace sheafline {

std::filesystem::path requireProgram(const std::string& name, const std::filesystem::path& folder) {
    const std::filesystem::path file = findProgram(name, folder);
    if (!file.empty()) return std::filesystem::absolute(file);
    throw Error(ErrorClass::permanent, "PROGRAM_MISSING",
                "there is no program '" + name + "' that may be executed, " +
                    (name.find('/') == std::string::npos
                         ? std::string("in PATH; install it")
                         : "from the folder " + folder.string() + "; put it there") +
                    " or correct `command`");
}

}  // namespace sheafline
