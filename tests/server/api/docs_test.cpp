// The docs are correct: the program accepts every command line in them.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "program.h"
#include "running_server.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::vector<std::filesystem::path> documents() {
    const std::filesystem::path source = SHEAFLINE_SOURCE_DIR;
    std::vector<std::filesystem::path> files{source / "README.md", source / "CONTRIBUTING.md"};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / "docs")) {
        if (entry.path().extension() == ".md") files.push_back(entry.path());
    }
    return files;
}

// The words of each line of a fenced block that calls the program.
std::vector<std::vector<std::string>> commandLines(const std::filesystem::path& file) {
    std::vector<std::vector<std::string>> lines;
    std::ifstream in(file);
    bool fenced = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) fenced = !fenced;
        std::istringstream text(line.starts_with("$ ") ? line.substr(2) : line);
        std::vector<std::string> words;
        for (std::string word; text >> word && word.front() != '#' && word != "|";)
            words.push_back(word);
        if (fenced && words.size() > 1 && words[0] == "sheafline") lines.push_back(words);
    }
    return lines;
}

std::string helpOf(const TemporaryFolder& folder, const std::vector<std::string>& words) {
    std::vector<std::string> call{words.at(1)};
    // The second word may be a command below the first; then the help of that command counts.
    if (words.size() > 2 && words[2].front() != '-') {
        const auto below = runProgram(folder.path(), {words[1], words[2], "--help"});
        if (below.status == 0) return below.out;
    }
    call.emplace_back("--help");
    const auto help = runProgram(folder.path(), call);
    return help.status == 0 ? help.out : "";
}

// The shell lines of a document: of those blocks that contain the text.
std::string shellLinesOf(const std::string& document, const std::string& text) {
    std::ifstream in(std::filesystem::path(SHEAFLINE_SOURCE_DIR) / document);
    std::string script = "set -e\n";
    std::string block;
    bool fenced = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) {
            if (fenced && block.find(text) != std::string::npos) script += block;
            block.clear();
            fenced = line == "```sh";
        } else if (fenced) {
            block += line + '\n';
        }
    }
    return script;
}

}  // namespace

TEST_CASE("the curl lines of the docs work as they are written") {
    const test::Site site;
    const test::RunningServer server(
        site, "0", {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}});
    site.folder.write("scans.zip", site.archive(12));
    for (const char* document : {"README.md", "docs/http-api.md"}) {
        site.folder.write("lines.sh", shellLinesOf(document, "$URL"));
        const std::string command = "cd " + site.folder.path().string() +
                                    " && rm -f math.csv && URL=" + server.client().url() +
                                    " PASSWORD=" + server.firstPassword() +
                                    " bash lines.sh > lines.out 2>&1";
        const int status = std::system(command.c_str());
        const std::string out = site.folder.read("lines.out");
        INFO(document << ": " << out.substr(out.size() > 3000 ? out.size() - 3000 : 0));
        CHECK(status == 0);
        CHECK(out.find("event: complete") != std::string::npos);
        CHECK(site.folder.read("math.csv").starts_with("batch_id,sheet,"));
    }
}

TEST_CASE("the commands of the tutorial work as they are written") {
    const TemporaryFolder folder;
    folder.write("lines.sh", shellLinesOf("docs/tutorial.md", ""));
    const std::string command = "cd " + folder.path().string() +
                                " && PATH=" SHEAFLINE_BINARY_DIR
                                "/bin:$PATH PIPELINES=" SHEAFLINE_SOURCE_DIR
                                "/pipelines bash lines.sh > lines.out 2>&1";
    const int status = std::system(command.c_str());
    const std::string out = folder.read("lines.out");
    INFO(out.substr(out.size() > 3000 ? out.size() - 3000 : 0));
    CHECK(status == 0);
    const std::string batches = "exam-7/sheafline-data/batches/";
    const std::string rows = folder.read(batches + "empty/artifacts/marks.csv");
    CHECK(rows.find("MATH-7B/1/24001") != std::string::npos);
    CHECK(rows.find(",score,name,class,") != std::string::npos);
    const std::string findings = folder.read(batches + "empty/artifacts/roster-findings.csv");
    CHECK(findings.find('\n') == findings.size() - 1);
    const std::string decisions = folder.read(batches + "physics/artifacts/decisions.csv");
    CHECK(decisions.find("q47") != std::string::npos);
    CHECK(std::filesystem::file_size(folder.path() / "exam-7/physics.zip") > 0);
}

TEST_CASE("every command line in the docs uses existing commands and options") {
    const TemporaryFolder folder;
    int checked = 0;
    for (const auto& file : documents()) {
        for (const auto& words : commandLines(file)) {
            const std::string help = helpOf(folder, words);
            INFO(file.filename().string() << ": sheafline " << words[1]);
            REQUIRE_FALSE(help.empty());
            for (const std::string& word : words) {
                if (!word.starts_with("--")) continue;
                INFO("option " << word);
                CHECK(help.find(word.substr(0, word.find('='))) != std::string::npos);
            }
            ++checked;
        }
    }
    CHECK(checked >= 5);
}

TEST_CASE("every event of a batch matches the published schema") {
    if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
        WARN("skipped: python3-jsonschema is not installed");
        return;
    }
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: p\nstages:\n  - {id: make, uses: probe, with: {act: sheets, count: 20}}\n  "
                 "- {id: process, uses: dispatch, with: {processor: probe}}\n");
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--json"});
    REQUIRE(result.status == 0);
    folder.write("events", result.out);
    folder.write("schema", runProgram(folder.path(), {"schema", "event"}).out);
    const std::string check =
        "cd " + folder.path().string() +
        " && python3 -c \"import json, jsonschema; s = json.load(open('schema')); "
        "jsonschema.Draft7Validator.check_schema(s); "
        "[jsonschema.validate(json.loads(l), s) for l in open('events')]\"";
    CHECK(std::system(check.c_str()) == 0);
}

TEST_CASE("the Python lines of the docs read the timestamp of an event") {
    std::ifstream page(SHEAFLINE_SOURCE_DIR "/docs/http-api.md");
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    const std::string fence = "```python\n";
    const auto begin = text.find(fence) + fence.size();
    const TemporaryFolder folder;
    folder.write("p.yaml", "name: p\nstages:\n  - {id: a, uses: probe, with: {note: x}}\n");
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--json"});
    REQUIRE(result.status == 0);
    folder.write("events", result.out);
    // The form that Python 3.7 to 3.10 accept: an offset of hours and minutes, and no Z.
    folder.write("check.py", text.substr(begin, text.find("```", begin) - begin) +
                                 "\nimport json, time\n"
                                 "for line in open('events'):\n"
                                 "    event = json.loads(line)\n"
                                 "    time_read = time_of(event)\n"
                                 "    assert time_read.utcoffset() == datetime.timedelta(0)\n"
                                 "    assert abs(time_read.timestamp() - time.time()) < 3600\n"
                                 "    assert event['timestamp'].endswith('Z')\n");
    const std::string check = "cd " + folder.path().string() + " && python3 check.py";
    CHECK(std::system(check.c_str()) == 0);
}
