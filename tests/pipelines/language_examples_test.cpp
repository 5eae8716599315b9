// Runs every example of docs/pipeline-language.md with the shipped plugins.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::vector<std::string> examples() {
    std::ostringstream page;
    page << std::ifstream(SHEAFLINE_SOURCE_DIR "/docs/pipeline-language.md").rdbuf();
    const std::string text = page.str();
    const std::string fence = "```yaml\n";
    std::vector<std::string> found;
    for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
        at += fence.size();
        found.push_back(text.substr(at, text.find("```", at) - at));
    }
    return found;
}

}  // namespace

TEST_CASE("every example of the pipeline language runs with the shipped plugins") {
    const TemporaryFolder folder;
    std::filesystem::copy_file(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml",
                               folder / "sheet.yaml");
    folder.write("read.py", "import json\nprint(json.dumps({'q1': 'A', 'q2': 'B'}))\n");
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "2", "--seed", "3", "--out", "s.zip"})
                .status == 0);
    const auto all = examples();
    REQUIRE(all.size() == 5);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string name = "example" + std::to_string(i);
        INFO(all[i]);
        folder.write(name + ".yaml", all[i]);
        std::vector<std::string> arguments{"run",        name + ".yaml", "--input", "s.zip",
                                           "--batch-id", name,           "--json"};
        if (all[i].find("type: file") != std::string::npos)
            arguments.insert(arguments.end(), {"--set", "template=sheet.yaml"});
        const ProgramResult result =
            runProgram(folder.path(), arguments,
                       {{"SHEAFLINE_SECRET_database", "sqlite:" + (folder / "marks.db").string()}});
        INFO(result.out);
        INFO(result.err);
        CHECK(result.status == 0);
    }
    CHECK(folder.read("sheafline-data/batches/example0/artifacts/demo.csv").size() > 100);
    CHECK(folder.read("sheafline-data/batches/example1/artifacts/a.csv").find(",A,B,") !=
          std::string::npos);
    CHECK(std::filesystem::exists(folder / "marks.db"));
    CHECK(std::filesystem::exists(folder / "sheafline-data/batches/example3/results.db"));
    CHECK(std::filesystem::exists(folder /
                                  "sheafline-data/batches/example4/files/template/sheet.yaml"));
}
