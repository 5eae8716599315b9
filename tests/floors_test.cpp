// Each folder has a list of folders that it may include. This test reads the include lines of every
// source file and compares them with that list.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "rooms.h"

namespace fs = std::filesystem;

namespace {

struct Floor {
    std::string folder;           // a file, or all files below a folder: its own quoted includes
    std::vector<std::string> up;  // other folders whose quoted includes it may use
    std::vector<std::string> installed;  // the folders of <sheafline/…>
    bool third_parties = true;           // otherwise only the standard library
};

const fs::path kRoot = SHEAFLINE_SOURCE_DIR;

std::vector<Floor> floors() {
    const std::string api = "framework/include";
    const std::string sheets = "sheets/include";
    const std::string redis = "redis/include";
    const std::string work = "work/include";
    const std::string streams = "streams/include";
    std::vector<Floor> all{
        {api, {}, {api}, false},
        {streams, {}, {api, streams}, false},
        {"streams", {}, {api, streams}},
        {"sheets", {"framework/src/base", "framework/src/language"}, {api, sheets}},
        {"redis", {}, {api, redis}},
        {"work", {"framework/src"}, {api, redis, work}},
        {"pdf", {"framework/src"}, {api}},
        {"testing", {}, {api, "testing/include"}},
        {"server",
         {"framework/src", "plugins/stages/extract/zip"},
         {api, streams, sheets, redis, work}},
    };
    // Each room of the framework uses the rooms below it.
    std::vector<std::string> lower;
    for (const char* room : sheafline::test::kRooms) {
        const std::string folder = std::string("framework/src/") + room;
        all.push_back({folder, lower, {api}});
        lower.push_back(folder);
    }
    // A plugin is one file, or a folder.
    for (const char* kind : {"stages", "sinks", "processors"}) {
        for (const auto& plugin : fs::directory_iterator(kRoot / "plugins" / kind)) {
            if (plugin.path().filename() == "CMakeLists.txt") continue;
            Floor floor{
                fs::relative(plugin.path(), kRoot).string(), {}, {api, sheets, redis, work}};
            // The only plugin that takes over connections from the program.
            if (floor.folder == "plugins/sinks/sse") floor.installed.push_back(streams);
            // An Excel file is a ZIP, which the export checks after writing.
            if (floor.folder == "plugins/stages/export")
                floor.up.emplace_back("plugins/stages/extract/zip");
            // The frames of the program that it starts.
            if (floor.folder == "plugins/stages/extract") floor.up.emplace_back("pdf/wire");
            all.push_back(std::move(floor));
        }
    }
    return all;
}

bool isSource(const fs::path& file) {
    return file.extension() == ".h" || file.extension() == ".cpp";
}

std::vector<fs::path> sourcesOf(const fs::path& floor) {
    if (fs::is_regular_file(floor)) return {floor};
    std::vector<fs::path> files;
    for (const auto& item : fs::recursive_directory_iterator(floor)) {
        if (item.is_regular_file() && isSource(item.path())) files.push_back(item.path());
    }
    return files;
}

bool liesBelow(const std::string& folder, const std::string& name) {
    return std::ranges::any_of(sourcesOf(kRoot / folder), [&](const fs::path& file) {
        return file.string().ends_with("/" + name);
    });
}

bool mayInclude(const Floor& floor, bool quoted, const std::string& name) {
    if (quoted) {
        if (name.starts_with("..")) return false;
        const bool in_a_room = floor.folder.starts_with("framework/src/");
        if (in_a_room && name.find('/') == std::string::npos) return false;
        return liesBelow(floor.folder, name) ||
               std::ranges::any_of(floor.up, [&](const auto& up) { return liesBelow(up, name); });
    }
    if (name.starts_with("sheafline/")) {
        return std::ranges::any_of(
            floor.installed, [&](const auto& folder) { return fs::exists(kRoot / folder / name); });
    }
    return floor.third_parties || name.find_first_of("./") == std::string::npos;
}

void check(const Floor& floor, const fs::path& file) {
    static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^">]+)[">].*)re");
    std::ifstream stream(file);
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
        std::smatch match;
        if (!std::regex_match(line, match, kInclude)) continue;
        if (mayInclude(floor, match[1] == "\"", match[2])) continue;
        FAIL_CHECK(fs::relative(file, kRoot).string()
                   << ":" << number << ": " << floor.folder << " may not include " << match[2]);
    }
}

}  // namespace

TEST_CASE("includes point downward only") {
    for (const Floor& floor : floors()) {
        for (const fs::path& file : sourcesOf(kRoot / floor.folder)) check(floor, file);
    }
    SUCCEED();
}

TEST_CASE("an include of a higher folder is reported") {
    const Floor api{"framework/include", {}, {"framework/include"}, false};
    CHECK(mayInclude(api, false, "vector"));
    CHECK(mayInclude(api, false, "sheafline/error.h"));
    CHECK_FALSE(mayInclude(api, false, "unistd.h"));
    CHECK_FALSE(mayInclude(api, false, "Poco/JSON/Object.h"));
    CHECK_FALSE(mayInclude(api, true, "pipeline.h"));
    const Floor sink{"plugins/sinks", {}, {"framework/include"}};
    CHECK_FALSE(mayInclude(sink, false, "sheafline/streams/stream_hub.h"));
    CHECK(mayInclude(sink, false, "Poco/JSON/Object.h"));
    CHECK_FALSE(mayInclude(sink, true, "plugin_catalog.h"));
    CHECK_FALSE(mayInclude(sink, true, "../../framework/src/pipeline/pipeline.h"));
    const Floor history{"framework/src/history", {"framework/src/base"}, {"framework/include"}};
    CHECK(mayInclude(history, true, "base/clocks.h"));
    CHECK(mayInclude(history, true, "history/change.h"));
    CHECK_FALSE(mayInclude(history, true, "owner/owner.h"));
    CHECK_FALSE(mayInclude(history, true, "change.h"));
}
