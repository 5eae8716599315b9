// The interfaces of the built program, libraries and plugins with the loader and with each other.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include <catch2/catch.hpp>

#include "elf_facts.h"
#include "program.h"
#include "temporary_folder.h"

namespace fs = std::filesystem;
using namespace sheafline;
using namespace sheafline::test;

namespace {

const fs::path kBuild = SHEAFLINE_BINARY_DIR;
const fs::path kSource = SHEAFLINE_SOURCE_DIR;

std::vector<fs::path> builtFiles() {
    std::vector<fs::path> files = builtLibraries(kBuild);
    for (const fs::path& plugin : builtPlugins(kBuild)) files.push_back(plugin);
    files.push_back(kBuild / "bin/sheafline");
    return files;
}

std::set<std::string> wordsOf(const fs::path& headers) {
    std::set<std::string> words;
    const std::regex word("[A-Za-z_][A-Za-z0-9_]*");
    for (const auto& item : fs::recursive_directory_iterator(headers)) {
        if (item.path().extension() != ".h") continue;
        std::ifstream stream(item.path());
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        for (std::sregex_iterator it(text.begin(), text.end(), word), end; it != end; ++it)
            words.insert(it->str());
    }
    return words;
}

// The first name below namespace sheafline (or sheafline::sheets): a class or a function.
std::string owner(const std::string& name) {
    static const std::regex kOwner("^sheafline::(?:sheets::)?([A-Za-z0-9_]+)");
    std::smatch match;
    return std::regex_search(name, match, kOwner) ? match[1].str() : name;
}

std::vector<std::string> without(const std::set<std::string>& all,
                                 const std::set<std::string>& allowed) {
    std::vector<std::string> rest;
    std::ranges::set_difference(all, allowed, std::back_inserter(rest));
    return rest;
}

}  // namespace

TEST_CASE("the shared libraries export nothing but names of the public headers") {
    const std::vector<std::pair<std::string, fs::path>> libraries{
        {"libsheafline.so", "framework/include"}, {"libsheafline_sheets.so", "sheets/include"}};
    for (const auto& [library, headers] : libraries) {
        const std::set<std::string> words = wordsOf(kSource / headers);
        const std::set<std::string> exported = exportedNames(kBuild / "lib" / library);
        CHECK_FALSE(exported.empty());
        for (const std::string& name : exported) {
            CAPTURE(library, name);
            CHECK(words.contains(owner(name)));
        }
    }
}

TEST_CASE("a plugin uses nothing of Sheafline but what the shared libraries export") {
    std::set<std::string> exported;
    for (const fs::path& library : builtLibraries(kBuild)) exported.merge(exportedNames(library));
    const std::vector<fs::path> plugins = builtPlugins(kBuild);
    REQUIRE(plugins.size() > 14);
    for (const fs::path& plugin : plugins) {
        CAPTURE(plugin);
        CHECK(without(undefinedNames(plugin), exported) == std::vector<std::string>{});
    }
}

TEST_CASE("fault points have one copy, in the shared library") {
    CHECK(exportedNames(kBuild / "lib/libsheafline.so")
              .contains("sheafline::faultPoint(char const*)"));
    for (const fs::path& file : {kBuild / "bin/sheafline", kBuild / "plugins/extract.so"})
        CHECK(undefinedNames(file).contains("sheafline::faultPoint(char const*)"));
}

TEST_CASE("every library path starts at the file's own folder and has no empty entry") {
    for (const fs::path& file : builtFiles()) {
        for (const std::string& path : dynamicEntries(file, "RUNPATH")) {
            CAPTURE(file, path);
            // An empty entry would be the current directory.
            const std::string list = ":" + path + ":";
            CHECK(list.find("::") == std::string::npos);
            CHECK(std::regex_match(path, std::regex(R"(\$ORIGIN[^:]*(:\$ORIGIN[^:]*)*)")));
        }
        CHECK(dynamicEntries(file, "RPATH").empty());
    }
    for (const fs::path& plugin : builtPlugins(kBuild)) {
        const std::vector<std::string> paths = dynamicEntries(plugin, "RUNPATH");
        CAPTURE(plugin, paths);
        CHECK((paths.size() == 1 && paths.front().starts_with("$ORIGIN/../..")));
    }
}

TEST_CASE("the program loads no library from the current directory") {
    const TemporaryFolder folder;
    std::vector<std::string> libraries = dynamicEntries(kBuild / "bin/sheafline", "NEEDED");
    for (const fs::path& library : builtLibraries(kBuild)) {
        for (const std::string& needed : dynamicEntries(library, "NEEDED"))
            libraries.push_back(needed);
    }
    REQUIRE(libraries.size() > 10);
    // The loader would stop at a file that is not a library.
    for (const std::string& library : libraries) folder.write(library, "planted");
    const ProgramResult result = runProgram(folder.path(), {"--version"});
    CHECK(result.status == 0);
    CHECK(result.err.empty());
}

TEST_CASE("no process that the program starts can write a core dump") {
    const TemporaryFolder folder;
    folder.write("cores.yaml", R"yaml(name: cores
params: {input: {type: path, required: true}}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - id: read
    uses: dispatch
    with:
      processor: command
      command: [/bin/sh, -c, 'printf "{\"cores\": \"%s\"}" "$(ulimit -H -c)"']
      columns: [cores]
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: cores.csv}}
)yaml");
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "1", "--out", "a.zip"}).status == 0);
    // The limit of this process may already be 0; only the program's own limit counts.
    const ProgramResult result =
        runProgram(folder.path(), {"run", "cores.yaml", "--input", "a.zip", "--batch-id", "one"});
    INFO(result.err);
    REQUIRE(result.status == 0);
    std::ifstream csv(folder / "sheafline-data/batches/one/artifacts/cores.csv");
    std::string heading;
    std::string row;
    std::getline(csv, heading);
    std::getline(csv, row);
    CHECK(heading.find(",cores,") != std::string::npos);
    CHECK(row.find(",0,") != std::string::npos);
}
