// docs/fault-points.md lists every fault point that is compiled in, and no other.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

namespace {

std::string contents(const std::filesystem::path& file) {
    std::ostringstream bytes;
    bytes << std::ifstream(file).rdbuf();
    return bytes.str();
}

void addMatches(std::set<std::string>& names, const std::string& text, const std::regex& form) {
    for (std::sregex_iterator match(text.begin(), text.end(), form), end; match != end; ++match)
        names.insert((*match)[1]);
}

}  // namespace

TEST_CASE("docs/fault-points.md names exactly the existing fault points") {
    const std::filesystem::path source = SHEAFLINE_SOURCE_DIR;
    std::set<std::string> compiled;
    for (const char* part : {"framework/src", "plugins", "server/src", "sheets"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(source / part)) {
            if (entry.path().extension() == ".cpp")
                addMatches(compiled, contents(entry.path()),
                           std::regex(R"re(faultPoint\("([^"]+)"\))re"));
        }
    }
    std::set<std::string> listed;
    addMatches(listed, contents(source / "docs/fault-points.md"),
               std::regex(R"(\n\| `([^`]+)` \|)"));
    CHECK(compiled.size() > 10);
    CHECK(compiled == listed);
}
