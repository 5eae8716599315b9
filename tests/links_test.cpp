// Every link in the documentation leads to a file and a heading that exist.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = SHEAFLINE_SOURCE_DIR;

std::vector<fs::path> pages() {
    std::vector<fs::path> all{kRoot / "README.md", kRoot / "CONTRIBUTING.md", kRoot / "SECURITY.md",
                              kRoot / "CHANGELOG.md"};
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / "docs")) {
        if (entry.path().extension() == ".md") all.push_back(entry.path());
    }
    return all;
}

// The lines outside fenced blocks.
std::vector<std::string> proseOf(const fs::path& page) {
    std::ifstream stream(page);
    std::vector<std::string> lines;
    bool fenced = false;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("```")) fenced = !fenced;
        if (!fenced) lines.push_back(line);
    }
    return lines;
}

// "## The work key" has the anchor "the-work-key".
std::string anchorOf(const std::string& heading) {
    std::string anchor;
    for (const char c : heading) {
        const auto letter = static_cast<unsigned char>(c);
        if (std::isalnum(letter) != 0 || c == '-' || c == '_')
            anchor += static_cast<char>(std::tolower(letter));
        else if (c == ' ')
            anchor += '-';
    }
    return anchor;
}

std::set<std::string> anchorsOf(const fs::path& page) {
    std::set<std::string> anchors;
    for (const std::string& line : proseOf(page)) {
        const auto text = line.find_first_not_of('#');
        if (line.starts_with('#') && text != std::string::npos && line[text] == ' ')
            anchors.insert(anchorOf(line.substr(text + 1)));
    }
    return anchors;
}

}  // namespace

TEST_CASE("every link between pages of the documentation has its target") {
    const std::regex link(R"(\]\(([^)\s]+)\))");
    int checked = 0;
    for (const fs::path& page : pages()) {
        for (const std::string& line : proseOf(page)) {
            for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it) {
                const std::string target = (*it)[1];
                if (target.find("://") != std::string::npos) continue;
                const auto hash = std::min(target.find('#'), target.size());
                const fs::path file =
                    hash == 0 ? page : page.parent_path() / target.substr(0, hash);
                INFO(fs::relative(page, kRoot).string() << ": " << target);
                CHECK(fs::exists(file));
                if (hash < target.size() && fs::exists(file))
                    CHECK(anchorsOf(file).contains(target.substr(hash + 1)));
                ++checked;
            }
        }
    }
    CHECK(checked > 100);
}
