// The limits of style.md that keep the tree easy to read: sizes of folders and sources, and a table
// of rooms that equals the folders.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "rooms.h"

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = SHEAFLINE_SOURCE_DIR;
constexpr int kMostFiles = 25;
constexpr int kMostLines = 350;

// Committed files of the tree; empty outside a git checkout.
std::vector<std::string> committedFiles() {
    const std::string command = "git -C '" + kRoot.string() + "' ls-files -z 2> /dev/null";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                               ::pclose);
    std::vector<std::string> files;
    std::string name;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
        if (c != '\0') {
            name += static_cast<char>(c);
        } else {
            if (fs::exists(kRoot / name)) files.push_back(name);
            name.clear();
        }
    }
    return files;
}

bool isSource(const fs::path& file) {
    static const std::set<std::string> kKinds{".cpp", ".h",  ".js",  ".ts",  ".tsx",
                                              ".py",  ".sh", ".css", ".mjs", ".cmake"};
    return kKinds.contains(file.extension().string());
}

}  // namespace

TEST_CASE("no folder has more than 25 source files") {
    std::map<std::string, int> folders;
    for (const std::string& file : committedFiles()) {
        if (isSource(file)) ++folders[fs::path(file).parent_path().string()];
    }
    if (folders.empty()) {
        WARN("skipped: this is not a git checkout");
        return;
    }
    for (const auto& [folder, files] : folders) {
        CAPTURE(folder);
        CHECK(files <= kMostFiles);
    }
}

TEST_CASE("no source has more than 350 lines") {
    const std::vector<std::string> files = committedFiles();
    if (files.empty()) {
        WARN("skipped: this is not a git checkout");
        return;
    }
    for (const std::string& file : files) {
        if (!isSource(file)) continue;
        std::ifstream stream(kRoot / file);
        const auto lines = std::count(std::istreambuf_iterator<char>(stream), {}, '\n');
        CAPTURE(file);
        CHECK(lines <= kMostLines);
    }
}

TEST_CASE("the table of rooms in docs/architecture.md equals the folders of framework/src") {
    std::ifstream page(kRoot / "docs/architecture.md");
    std::vector<std::string> table;
    for (std::string line; std::getline(page, line);) {
        // | `base/` | what it does |
        if (!line.starts_with("| `")) continue;
        const auto end = line.find("/` |");
        if (end != std::string::npos) table.push_back(line.substr(3, end - 3));
    }
    const std::vector<std::string> rooms(sheafline::test::kRooms.begin(),
                                         sheafline::test::kRooms.end());
    CHECK(table == rooms);
    std::set<std::string> folders;
    for (const auto& item : fs::directory_iterator(kRoot / "framework/src")) {
        CAPTURE(item.path());
        CHECK(item.is_directory());  // every source is in a room
        folders.insert(item.path().filename().string());
    }
    CHECK(folders == std::set<std::string>(rooms.begin(), rooms.end()));
}
