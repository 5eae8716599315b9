// docs/faults.md and the tests agree: every fault has a row in the table, and each program named in
// a row has a test case with the fault's tag.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

namespace {

namespace fs = std::filesystem;

constexpr int kFaults = 65;

std::string contents(const fs::path& file) {
    std::ostringstream bytes;
    bytes << std::ifstream(file).rdbuf();
    return bytes.str();
}

std::set<std::string> allMatches(const std::string& text, const std::regex& form) {
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), form), end; match != end; ++match)
        found.insert((*match)[1]);
    return found;
}

// Maps each test program to the fault tags of its cases. The sources of a program are those in
// CMakeLists.txt, and those that begin with its name: db_load_test has db_load_faults_test.cpp.
std::map<std::string, std::set<std::string>> taggedFaults(const fs::path& tests) {
    std::map<std::string, std::set<std::string>> tagged;
    std::map<std::string, std::set<std::string>> by_source;
    const std::regex tag(R"(\[(F\d+)\])");
    for (const auto& entry : fs::recursive_directory_iterator(tests)) {
        if (entry.path().extension() == ".cpp")
            by_source[entry.path().stem()] = allMatches(contents(entry.path()), tag);
    }
    for (const auto& [source, faults] : by_source) {
        for (const auto& [program, ignored] : by_source) {
            const std::string name = program.substr(0, program.find("_test"));
            if (source.starts_with(name)) tagged[program].insert(faults.begin(), faults.end());
        }
    }
    const std::regex call(R"(sheafline_add_test\((\S+)([^)]*)\))");
    for (const auto& entry : fs::recursive_directory_iterator(tests)) {
        if (entry.path().filename() != "CMakeLists.txt") continue;
        const std::string text = contents(entry.path());
        for (std::sregex_iterator one(text.begin(), text.end(), call), end; one != end; ++one) {
            for (const std::string& source :
                 allMatches((*one)[2].str(), std::regex(R"((\w+_test)\.cpp)")))
                tagged[(*one)[1]].insert(by_source[source].begin(), by_source[source].end());
        }
    }
    return tagged;
}

}  // namespace

TEST_CASE(
    "every fault has its row in docs/faults.md, and a test with its tag in each program named") {
    const fs::path source = SHEAFLINE_SOURCE_DIR;
    const auto tagged = taggedFaults(source / "tests");
    const std::string table = contents(source / "docs/faults.md");
    std::set<std::string> listed;
    const std::regex row(R"(\n\| (F\d+) \|[^|]*\|([^|]*)\|)");
    for (std::sregex_iterator match(table.begin(), table.end(), row), end; match != end; ++match) {
        const std::string fault = (*match)[1];
        listed.insert(fault);
        const auto programs = allMatches((*match)[2].str(), std::regex(R"(`(\w+_test)`)"));
        INFO(fault);
        CHECK_FALSE(programs.empty());
        for (const std::string& program : programs) {
            INFO(program);
            CHECK(tagged.at(program).contains(fault));
        }
    }
    for (int n = 1; n <= kFaults; ++n) {
        const std::string fault = "F" + std::to_string(n);
        INFO(fault);
        CHECK(listed.contains(fault));
    }
}
