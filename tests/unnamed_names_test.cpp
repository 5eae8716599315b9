// The preset `release` compiles several sources of a target at a time, so two of them must not
// define one name in their unnamed namespaces. This test finds such names without that build.
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

// Sources below one of these folders may be compiled together, except those of a longer one.
const std::set<std::string> kTargets{
    "framework/src", "framework/src/api", "redis",   "server/http", "server/src",
    "sheets",        "sheets/sample",     "streams", "work",        "plugins/stages/extract/zip"};

std::string targetOf(const std::string& source) {
    std::string best;
    for (const std::string& target : kTargets) {
        if (source.starts_with(target + "/") && target.size() > best.size()) best = target;
    }
    // A plugin is a folder.
    return best.empty() ? fs::path(source).parent_path().string() : best;
}

// What a line at the start of its line defines: a type, a constant, or a function with its params;
// empty if nothing.
std::string nameIn(const std::string& line) {
    static const std::regex kType(R"(^(?:struct|class|enum|enum class) (\w+)(?: [:={].*|;.*)?$)");
    static const std::regex kConstant(
        R"(^(?:const|constexpr|constinit|inline) [^(]*?\b(k[A-Z]\w*)(?:\[.*|\{.*| =.*|\()?.*$)");
    static const std::regex kFunction(R"(^[\w:\[][\w:<>,&*\[\] ]* [&*]?(\w+\([^)]*\)).*\{.*$)");
    std::smatch found;
    if (std::regex_match(line, found, kType) || std::regex_match(line, found, kConstant))
        return found[1];
    if (!std::regex_match(line, found, kFunction)) return {};
    return std::regex_replace(found[1].str(), std::regex(R"( ?\b\w+(?=[,)]))"), "");
}

// NAMESPACE::NAME of everything in the unnamed namespaces of a source.
std::set<std::string> unnamedNames(std::istream& source) {
    static const std::regex kNamespace(R"(^namespace ([\w:]+) \{$)");
    std::set<std::string> names;
    std::string space;
    bool unnamed = false;
    std::string whole;  // a definition may begin on one line and end on the next
    for (std::string line; std::getline(source, line);) {
        std::smatch found;
        if (std::regex_match(line, found, kNamespace)) space = found[1];
        if (line == "namespace {") unnamed = true;
        if (line == "}  // namespace") unnamed = false;
        if (!unnamed || line.empty()) continue;
        if (line.front() != ' ')
            whole = line;
        else if (!whole.empty())
            whole += line.substr(line.find_first_not_of(' ') - 1);
        const std::string name = nameIn(whole);
        if (name.empty()) continue;
        names.insert(space + "::" + name);
        whole.clear();
    }
    return names;
}

}  // namespace

TEST_CASE("two sources of a target do not use one name in their unnamed namespaces") {
    std::map<std::string, std::string> first_use;  // "TARGET NAMESPACE::NAME" to its source
    std::string twice;
    for (const char* folder :
         {"framework/src", "plugins", "redis", "server", "sheets", "streams", "work"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(SHEAFLINE_SOURCE_DIR) / folder)) {
            if (entry.path().extension() != ".cpp") continue;
            const std::string source = fs::relative(entry.path(), SHEAFLINE_SOURCE_DIR);
            std::ifstream in(entry.path());
            for (const std::string& name : unnamedNames(in)) {
                const auto [use, is_new] = first_use.emplace(targetOf(source) + " " + name, source);
                if (!is_new) twice += name + " in " + use->second + " and " + source + '\n';
            }
        }
    }
    INFO("Give them different names, or write the code once.");
    CHECK(twice == "");
}

TEST_CASE("names in an unnamed namespace are found by kind, and functions with their params") {
    std::istringstream source(
        "namespace a {\n\nnamespace {\n\nstruct Part {\n    int x;\n};\n"
        "constexpr int kMost = 3;\nconst std::vector<int> kList{1};\n"
        "std::string textOf(const Part& part, int n) {\n    return {};\n}\n"
        "[[noreturn]] void fail(const std::string& why,\n                       int code) {\n}\n"
        "\n}  // namespace\n\nstruct Outside {\n};\n");
    CHECK(unnamedNames(source) ==
          std::set<std::string>{"a::Part", "a::fail(const std::string&, int)", "a::kList",
                                "a::kMost", "a::textOf(const Part&, int)"});
}

TEST_CASE("two headers do not define one type in the same namespace") {
    // The program and its plugins would disagree about it, and the release build does not compile.
    static const std::regex kNamespace(R"(^namespace ([\w:]+) \{$)");
    static const std::regex kType(
        R"(^(?:class|struct|enum class|union) (?:SHEAFLINE_API )?(\w+)(?: final)?(?: : .*| \{.*)$)");
    std::map<std::string, std::string> first_header;  // NAMESPACE::NAME to its header
    std::string twice;
    for (const char* folder :
         {"framework", "pdf", "plugins", "redis", "server", "sheets", "streams", "work"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(SHEAFLINE_SOURCE_DIR) / folder)) {
            if (entry.path().extension() != ".h") continue;
            const std::string name = fs::relative(entry.path(), SHEAFLINE_SOURCE_DIR).string();
            if (name.find("node_modules") != std::string::npos) continue;
            std::ifstream header(entry.path());
            std::string space;
            for (std::string line; std::getline(header, line);) {
                std::smatch found;
                if (std::regex_match(line, found, kNamespace)) space = found[1];
                if (!std::regex_match(line, found, kType)) continue;
                const auto [at, is_new] = first_header.emplace(space + "::" + found[1].str(), name);
                if (!is_new) twice += at->first + " in " + at->second + " and " + name + "\n";
            }
        }
    }
    INFO("Give them different names, or write the type once.");
    CHECK(twice == "");
    CHECK(first_header.size() > 500);
}
