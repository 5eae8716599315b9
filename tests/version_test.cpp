// CMakeLists.txt has the version of the project; the files that repeat it have the same one.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace {

// Every first group of the pattern in the file, in order.
std::vector<std::string> found(const std::filesystem::path& file, const std::string& pattern) {
    std::ifstream stream(file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const std::regex form(pattern, std::regex::ECMAScript | std::regex::multiline);
    std::vector<std::string> values;
    for (std::sregex_iterator match(text.begin(), text.end(), form), end; match != end; ++match)
        values.push_back((*match)[1]);
    return values;
}

}  // namespace

TEST_CASE("every file that repeats the version of the project has the same one") {
    const std::filesystem::path source = SHEAFLINE_SOURCE_DIR;
    const auto project = found(source / "CMakeLists.txt", R"(^project\(Sheafline VERSION (\S+))");
    REQUIRE(project.size() == 1);
    struct Repeated {
        std::filesystem::path file;
        std::string pattern;
    };
    const std::string npm = R"re(^ {0,6}"version": "([^"]+)")re";
    const std::filesystem::path client = source / "clients/typescript";
    for (const Repeated& repeated :
         {Repeated{SHEAFLINE_BINARY_DIR "/SheaflineConfigVersion.cmake",
                   R"re(^set\(PACKAGE_VERSION "([^"]+)"\))re"},
          Repeated{client / "package.json", npm}, Repeated{client / "package-lock.json", npm},
          Repeated{client / "openapi.json", npm},
          Repeated{source / "deploy/kubernetes/server.yaml", "image: [^ ]+/sheafline:(.+)$"},
          Repeated{source / "deploy/kubernetes/workers.yaml", "image: [^ ]+/sheafline:(.+)$"},
          Repeated{source / "deploy/kubernetes/Dockerfile", "-t [^ ]+/sheafline:([^ ]+) "},
          Repeated{source / "CHANGELOG.md",
                   R"re(^## ([0-9]\S*) \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$)re"}}) {
        const auto versions = found(repeated.file, repeated.pattern);
        INFO(repeated.file.string());
        REQUIRE_FALSE(versions.empty());
        // The first one is the project's; a lock file and the list of changes have more.
        CHECK(versions.front() == project.front());
    }
    // An author names the minor version, which may break what is built on it.
    const auto needed = found(source / "tests/outside_plugin/CMakeLists.txt",
                              R"re(find_package\(Sheafline (\S+) REQUIRED)re");
    REQUIRE(needed.size() == 1);
    CHECK(project.front().starts_with(needed.front() + "."));
}

TEST_CASE("the list of changes begins with what is not released") {
    const auto headings = found(SHEAFLINE_SOURCE_DIR "/CHANGELOG.md", "^## (.+)$");
    REQUIRE(headings.size() >= 2);
    CHECK(headings.front() == "Unreleased");
}
