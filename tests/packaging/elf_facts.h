// The output of readelf and nm for a built file. Throws std::runtime_error if they fail.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace sheafline::test {

// Values of the dynamic section's entries of one kind: "RUNPATH", "NEEDED", "FLAGS_1".
std::vector<std::string> dynamicEntries(const std::filesystem::path& file, const std::string& kind);

// Demangled names of namespace sheafline that the file imports or exports.
std::set<std::string> undefinedNames(const std::filesystem::path& file);
std::set<std::string> exportedNames(const std::filesystem::path& file);

// Standard output of a command line.
std::string outputOf(const std::string& command_line);

// The program, the shared libraries and the plugins of a build tree.
std::vector<std::filesystem::path> builtLibraries(const std::filesystem::path& build);
std::vector<std::filesystem::path> builtPlugins(const std::filesystem::path& build);

}  // namespace sheafline::test
