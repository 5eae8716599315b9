#include "elf_facts.h"

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace sheafline::test {

namespace {

std::string quoted(const fs::path& file) { return "'" + file.string() + "'"; }

std::set<std::string> names(const fs::path& file, const std::string& which) {
    std::istringstream lines(outputOf("nm -DC " + which + " " + quoted(file)));
    std::set<std::string> found;
    for (std::string line; std::getline(lines, line);) {
        const auto name = line.find("sheafline::");
        if (name != std::string::npos) found.insert(line.substr(name));
    }
    return found;
}

std::vector<fs::path> sharedObjects(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& item : fs::directory_iterator(folder)) {
        if (item.path().extension() == ".so" && item.is_regular_file())
            files.push_back(item.path());
    }
    return files;
}

}  // namespace

std::string outputOf(const std::string& command_line) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command_line.c_str(), "r"),
                                                               ::pclose);
    if (!pipe) throw std::runtime_error("cannot start: " + command_line);
    std::string text;
    std::array<char, 4096> block{};
    while (const std::size_t n = std::fread(block.data(), 1, block.size(), pipe.get()))
        text.append(block.data(), n);
    if (text.empty()) throw std::runtime_error("no output: " + command_line);
    return text;
}

std::vector<std::string> dynamicEntries(const fs::path& file, const std::string& kind) {
    std::istringstream lines(outputOf("readelf -dW " + quoted(file)));
    std::vector<std::string> values;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("(" + kind + ")") == std::string::npos) continue;
        const auto open = line.find('[');
        values.push_back(open == std::string::npos
                             ? line.substr(line.find(')') + 1)
                             : line.substr(open + 1, line.rfind(']') - open - 1));
    }
    return values;
}

std::set<std::string> undefinedNames(const fs::path& file) {
    return names(file, "--undefined-only");
}

std::set<std::string> exportedNames(const fs::path& file) { return names(file, "--defined-only"); }

std::vector<fs::path> builtLibraries(const fs::path& build) {
    return {fs::canonical(build / "lib/libsheafline.so"),
            fs::canonical(build / "lib/libsheafline_sheets.so")};
}

std::vector<fs::path> builtPlugins(const fs::path& build) {
    std::vector<fs::path> files = sharedObjects(build / "plugins");
    for (const fs::path& probe : sharedObjects(build / "probes")) files.push_back(probe);
    return files;
}

}  // namespace sheafline::test
