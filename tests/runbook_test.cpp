// docs/operate/runbook.md has every error code of the program, and no other.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = SHEAFLINE_SOURCE_DIR;

std::string contents(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void addMatches(std::set<std::string>& codes, const std::string& text, const std::regex& form) {
    for (std::sregex_iterator match(text.begin(), text.end(), form), end; match != end; ++match)
        codes.insert((*match)[1]);
}

// The ways in which a source gives a code to an error.
const std::vector<std::regex>& forms() {
    static const std::vector<std::regex> kForms{
        std::regex(R"re(Error\(\s*(?:sheafline::)?ErrorClass::[a-z]+,\s*"([A-Z_]+)")re"),
        std::regex(R"re(reject(?:Archive|Place)?\(\s*(?:[a-z_.()]+,\s*)?"([A-Z]+_[A-Z_]+)")re"),
        std::regex(R"re([._]code = "([A-Z_]+)")re"),
        std::regex(R"re(fail\(\w+, "([A-Z_]+)")re"),
        std::regex(R"re(fail\("([A-Z]+_[A-Z_]+)")re"),
        std::regex(R"re(PreflightError\{[^"{}]*"([A-Z_]+)")re"),
        std::regex(R"re(\{ErrorClass::[a-z]+, "([A-Z_]+)")re")};
    return kForms;
}

std::set<std::string> codesOfBatches() {
    std::set<std::string> codes;
    for (const char* part : {"framework", "plugins", "redis", "server/src", "sheets", "work"}) {
        for (const auto& entry : fs::recursive_directory_iterator(kRoot / part)) {
            const std::string name = entry.path().string();
            if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
            if (name.find("server/src/api/") != std::string::npos) continue;
            const std::string text = contents(entry.path());
            for (const std::regex& form : forms()) addMatches(codes, text, form);
            if (name.ends_with("api/error.cpp") || name.ends_with("sqlite_error.cpp"))
                addMatches(codes, text, std::regex(R"re(return "([A-Z_]+)";)re"));
        }
    }
    std::set<std::string> kinds;
    addMatches(kinds, contents(kRoot / "redis/src/redis_error.cpp"),
               std::regex(R"re(return "([a-z]+)";)re"));
    for (std::string kind : kinds) {
        std::ranges::transform(kind, kind.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        codes.insert("REDIS_" + kind);
    }
    return codes;
}

// The parts of the string literals that begin at `at`, joined, up to the next comma or brace.
std::string literal(const std::string& text, std::size_t& at) {
    std::string joined;
    bool open = false;
    for (; at < text.size() && (open || (text[at] != ',' && text[at] != '}')); ++at) {
        if (text[at] == '\\' && open)
            joined += text[++at];
        else if (text[at] == '"')
            open = !open;
        else if (open)
            joined += text[at];
    }
    ++at;
    return joined;
}

// The rows of the table in problem_codes.cpp, as rows of the page.
std::set<std::string> rowsOfApi() {
    std::string text = contents(kRoot / "server/src/api/description/problem_codes.cpp");
    const std::regex start(R"re(\{"([A-Z_]+)", ([0-9]+),)re");
    std::set<std::string> rows;
    for (std::sregex_iterator match(text.begin(), text.end(), start), end; match != end; ++match) {
        auto at = static_cast<std::size_t>(match->position() + match->length());
        const std::string meaning = literal(text, at);
        const std::string remedy = literal(text, at);
        rows.insert("| `" + match->str(1) + "` | " + match->str(2) + " | " + meaning + " | " +
                    remedy + " |");
    }
    return rows;
}

std::set<std::string> codesOfApi() {
    std::set<std::string> codes;
    for (const std::string& row : rowsOfApi()) codes.insert(row.substr(3, row.find('`', 3) - 3));
    return codes;
}

// The rows of one section of the page.
std::set<std::string> rowsOfPage(const std::string& heading) {
    std::ifstream page(kRoot / "docs/operate/runbook.md");
    std::set<std::string> rows;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) inside = line == "## " + heading;
        if (inside && line.starts_with("| `")) rows.insert(line);
    }
    return rows;
}

std::set<std::string> without(const std::set<std::string>& all, const std::set<std::string>& some) {
    std::set<std::string> rest;
    std::ranges::set_difference(all, some, std::inserter(rest, rest.end()));
    return rest;
}

}  // namespace

TEST_CASE("the runbook has a remedy for every error code of batches and commands") {
    std::set<std::string> listed;
    for (const std::string& row : rowsOfPage("Errors of batches and commands")) {
        listed.insert(row.substr(3, row.find('`', 3) - 3));
        INFO(row);
        CHECK(std::ranges::count(row, '|') == 4);
        CHECK(row.find("|  |") == std::string::npos);
    }
    for (const std::string& row : rowsOfPage("Errors of the API"))
        listed.insert(row.substr(3, row.find('`', 3) - 3));  // commands have some of these too
    // Their sources use a name for the code.
    const std::set<std::string> named{"PARAMS_REFUSED", "STAGE_HUNG"};
    const std::set<std::string> codes = codesOfBatches();
    CHECK(codes.size() > 100);
    CHECK(without(codes, listed) == std::set<std::string>{});
    CHECK(without(without(without(listed, named), codes), codesOfApi()) == std::set<std::string>{});
}

TEST_CASE("the runbook has the same errors of the API as the program") {
    const std::set<std::string> rows = rowsOfApi();
    CHECK(rows.size() > 70);
    CHECK(without(rows, rowsOfPage("Errors of the API")) == std::set<std::string>{});
    CHECK(without(rowsOfPage("Errors of the API"), rows) == std::set<std::string>{});
}
