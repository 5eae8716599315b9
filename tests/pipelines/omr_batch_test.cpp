// The main pipeline from a ZIP to CSV and table, compared with the true answers of the sheets.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <sheafline/sqlite/statement.h>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

using Row = std::vector<std::string>;

// Reads RFC 4180, and removes the leading quote that keeps a text from being a formula.
std::vector<Row> parseCsv(const std::string& text) {
    std::vector<Row> rows(1, Row(1));
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        std::string& cell = rows.back().back();
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            cell += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (quoted || (c != ',' && c != '\n')) {
            cell += c;
        } else if (c == ',') {
            rows.back().emplace_back();
        } else {
            rows.emplace_back(1);
        }
    }
    rows.pop_back();
    for (Row& row : rows) {
        for (std::string& cell : row) {
            if (cell.size() > 1 && cell[0] == '\'') cell.erase(0, 1);
        }
    }
    return rows;
}

std::vector<Row> table(const std::filesystem::path& file, const Row& columns) {
    sqlite::Database database(file, {.mode = sqlite::OpenMode::read_only});
    std::string list;
    for (const std::string& column : columns)
        list += (list.empty() ? "\"" : ", \"") + column + "\"";
    sqlite::Statement select(database, "SELECT " + list + " FROM omr_results ORDER BY sheet");
    std::vector<Row> rows;
    while (select.step()) {
        Row& row = rows.emplace_back();
        for (int i = 0; i < static_cast<int>(columns.size()); ++i) row.push_back(select.text(i));
    }
    return rows;
}

Poco::JSON::Object::Ptr parseObject(const std::string& text) {
    return Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
}

const std::string kPipelines = SHEAFLINE_SOURCE_DIR "/pipelines/";

}  // namespace

TEST_CASE(
    "a batch of sample sheets ends in a CSV and a table that equal the truth, from YAML and from "
    "JSON") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "60", "--seed", "11", "--out",
                                       "sample.zip", "--truth", "truth.json"})
                .status == 0);
    std::map<std::string, std::string> csv;
    for (const std::string form : {"yaml", "json"}) {
        const auto result =
            runProgram(folder.path(),
                       {"run", kPipelines + "omr-batch." + form, "--input", "sample.zip", "--set",
                        "exam=math", "--batch-id", "one", "--data-dir", form, "--json"});
        INFO(result.err);
        REQUIRE(result.status == 0);
        CHECK(result.err.empty());
        csv[form] = folder.read(form + "/batches/one/artifacts/math.csv");
    }
    CHECK(csv["yaml"] == csv["json"]);

    const auto rows = parseCsv(csv["yaml"]);
    REQUIRE(rows.size() == 61);
    const Row& columns = rows.front();
    const auto in_table = table(folder / "yaml/batches/one/results.db", columns);
    const auto truth = parseObject(folder.read("truth.json"));
    std::size_t certain = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        std::map<std::string, std::string> cells;
        for (std::size_t c = 0; c < columns.size(); ++c) cells[columns[c]] = rows[i][c];
        INFO(cells["file"]);
        const auto sheet = truth->getObject(cells["file"]);
        CHECK(cells["status"] == "read");
        CHECK(cells["qr"] == sheet->getValue<std::string>("qr"));
        const auto doubt = sheet->getObject("doubt");
        for (const auto& [name, answer] : *sheet->getObject("answers")) {
            if (doubt && doubt->has(name)) continue;
            INFO(name);
            CHECK(cells[name] == answer.convert<std::string>());
            ++certain;
        }
        Row unlike;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const bool number = columns[c] == "confidence";
            const bool same = number
                                  ? std::stod(rows[i][c]) == Approx(std::stod(in_table[i - 1][c]))
                                  : rows[i][c] == in_table[i - 1][c];
            if (!same) unlike.push_back(columns[c]);
        }
        CHECK(unlike == Row{});
    }
    CHECK(certain > std::size_t{60} * 55);
}

TEST_CASE("a batch has the same result whichever file systems its folders and its input are on") {
    const TemporaryFolder disk;
    const TemporaryFolder shm("/dev/shm");
    REQUIRE(runProgram(disk.path(), {"sample", "--sheets", "6", "--seed", "3", "--out", "s.zip"})
                .status == 0);
    shm.write("s.zip", disk.read("s.zip"));
    std::set<std::string> results;
    for (const TemporaryFolder* input : {&disk, &shm}) {
        for (const TemporaryFolder* work : {&disk, &shm}) {
            for (const TemporaryFolder* data : {&disk, &shm}) {
                const auto result =
                    runProgram(disk.path(), {"run", kPipelines + "omr-batch.yaml", "--input",
                                             (*input / "s.zip").string(), "--batch-id", "one",
                                             "--data-dir", (*data / "data").string(), "--work-dir",
                                             (*work / "work").string()});
                INFO(result.err);
                REQUIRE(result.status == 0);
                results.insert(data->read("data/batches/one/artifacts/demo.csv"));
                CHECK(data->read("data/batches/one/archive.zip") == disk.read("s.zip"));
                std::filesystem::remove_all(*data / "data");
                std::filesystem::remove_all(*work / "work");
            }
        }
    }
    CHECK(results.size() == 1);
}

TEST_CASE(
    "every file of a batch of bad cases is read, quarantined or ignored, once and with reason") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(),
                       {"sample", "--sheets", "12", "--seed", "5201", "--profile", "hard",
                        "--bad-cases", "--out", "sample.zip", "--truth", "truth.json"})
                .status == 0);
    std::map<std::string, std::string> expected;
    const auto truth = parseObject(folder.read("truth.json"));
    for (const auto& [name, sheet] : *truth)
        expected[name] = truth->getObject(name)->getValue<std::string>("expect");
    // A page that would take 3.6 GB, and a file that is not a page.
    folder.write("bomb.png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08"
                                         "\0\0\0\0\x45\x1f\xb7\xa5",
                                         33));
    folder.write("empty.jpg", "");
    folder.write("notes.txt", "rescan page 3");
    REQUIRE(std::system(("cd '" + folder.path().string() +
                         "' && zip -q sample.zip bomb.png empty.jpg notes.txt")
                            .c_str()) == 0);
    expected.insert(
        {{"bomb.png", "quarantined"}, {"empty.jpg", "quarantined"}, {"notes.txt", "ignored"}});

    // The pipeline with another limit, because most sheets of a real batch are good.
    std::ostringstream original;
    original << std::ifstream(kPipelines + "omr-batch.yaml").rdbuf();
    std::string pipeline = original.str();
    for (const auto& [from, to] : std::map<std::string, std::string>{
             {"limit: 2%", "limit: 90%"},
             {"on_unreadable: quarantine}", "on_unreadable: quarantine}, skip: {limit: 90%}"},
             {": templates/", ": " + kPipelines + "templates/"}}) {
        for (auto at = pipeline.find(from); at != std::string::npos;
             at = pipeline.find(from, at + to.size()))
            pipeline.replace(at, from.size(), to);
    }
    folder.write("pipeline.yaml", pipeline);
    const auto result = runProgram(folder.path(), {"run", "pipeline.yaml", "--input", "sample.zip",
                                                   "--batch-id", "bad", "--data-dir", "data"});
    INFO(result.err);
    REQUIRE(result.status == 0);

    std::map<std::string, std::vector<std::string>> outcomes;
    const auto rows = parseCsv(folder.read("data/batches/bad/artifacts/demo.csv"));
    const auto column = [&](const std::string& name) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) -
                                        rows[0].begin());
    };
    for (std::size_t i = 1; i < rows.size(); ++i)
        outcomes[rows[i][column("file")]].push_back(rows[i][column("status")]);
    std::istringstream shown(
        runProgram(folder.path(), {"batches", "show", "bad", "--data-dir", "data"}).out);
    for (std::string line; std::getline(shown, line);) {
        if (!line.starts_with("ignored")) continue;
        const std::string entry = line.substr(line.find_first_not_of(' ', 7));
        const auto colon = entry.find(": ");
        REQUIRE(colon != std::string::npos);
        CHECK(entry.size() > colon + 2);
        outcomes[entry.substr(0, colon)].emplace_back("ignored");
    }
    CHECK(outcomes.size() == expected.size());
    for (const auto& [file, outcome] : expected) {
        INFO(file);
        CHECK(outcomes[file] == std::vector<std::string>{outcome});
    }
    // Only doubtful fields have pictures.
    REQUIRE(runProgram(folder.path(), {"sheets", "evidence", "bad", "--data-dir", "data"}).status ==
            0);
    std::set<std::string> doubts;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const std::string digits = rows[i][column("sheet")];
        std::istringstream flags(rows[i][column("flags")]);
        for (std::string flag; std::getline(flags, flag, ';');) {
            if (flag.starts_with("sheet:")) continue;  // a doubt about the whole sheet
            std::replace(flag.begin(), flag.end(), ':', '-');
            std::string name(6 - digits.size(), '0');
            name.append(digits).append("-").append(flag).append(".png");
            doubts.insert(name);
        }
    }
    std::set<std::string> pictures;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "evidence"))
        pictures.insert(entry.path().filename().string());
    CHECK(pictures == doubts);
    CHECK(pictures.size() > 12);
    std::istringstream quarantined(
        runProgram(folder.path(),
                   {"sheets", "bad", "--state", "quarantined", "--json", "--data-dir", "data"})
            .out);
    for (std::string line; std::getline(quarantined, line);) {
        const auto sheet = parseObject(line);
        INFO(line);
        CHECK_FALSE(sheet->getValue<std::string>("reason").empty());
    }
}

TEST_CASE("each sheet of an exam of two pages has its answers in the columns of its page") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "8", "--pages", "2", "--profile",
                                       "clean", "--out", "s.zip", "--truth", "truth.json"})
                .status == 0);
    std::ostringstream original;
    original << std::ifstream(kPipelines + "omr-batch.yaml").rdbuf();
    std::string pipeline = original.str();
    const std::string demo = "templates/demo-sheet.yaml";
    for (auto at = pipeline.find(demo); at != std::string::npos; at = pipeline.find(demo))
        pipeline.replace(at, demo.size(), kPipelines + "templates/demo-two-pages.yaml");
    folder.write("two.yaml", pipeline);
    const auto result = runProgram(folder.path(), {"run", "two.yaml", "--input", "s.zip",
                                                   "--batch-id", "two", "--data-dir", "data"});
    INFO(result.err);
    REQUIRE(result.status == 0);
    const auto rows = parseCsv(folder.read("data/batches/two/artifacts/demo.csv"));
    REQUIRE(rows.size() == 9);
    REQUIRE(rows[0].size() == 8 + 121 + 1);
    const auto truth = parseObject(folder.read("truth.json"));
    int answers = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto sheet = truth->getObject(rows[i][2])->getObject("answers");
        for (std::size_t column = 8; column < rows[i].size() - 1; ++column) {
            INFO(rows[i][2] << " " << rows[0][column]);
            CHECK(rows[i][column] == sheet->optValue<std::string>(rows[0][column], ""));
            answers += rows[i][column].empty() ? 0 : 1;
        }
    }
    CHECK(answers > 4 * 100);
    folder.write("decisions.csv", "sheet,field,value\n2,q7,B\n");
    const auto decided = runProgram(
        folder.path(), {"decide", "two", "--file", "decisions.csv", "--data-dir", "data"});
    CHECK(decided.status == 2);
    CHECK_THAT(decided.err, Catch::Contains("sheet 2 is page 2 of the form, which has no field "
                                            "'q7'; decide about the sheet that has it"));
}

TEST_CASE("five different findings in one pipeline file are all reported, with line and column") {
    const TemporaryFolder folder;
    folder.write("wrong.yaml",
                 "name: wrong\n"
                 "params:\n"
                 "  input: {type: paht}\n"
                 "stages:\n"
                 "  - {id: extract, uses: extract, with: {archive: \"${{ params.inptu }}\", "
                 "max_byte: 1GiB}}\n"
                 "  - {id: csv, uses: csvv}\n"
                 "  - {id: csv, uses: csv, with: {file: a.csv}, timeout: 2 hours}\n");
    const auto result = runProgram(folder.path(), {"validate", "wrong.yaml"});
    CHECK(result.status == 2);
    INFO(result.err);
    for (const std::string place : {"wrong.yaml:3:17: ", "wrong.yaml:5:", "wrong.yaml:6:",
                                    "wrong.yaml:7:10: ", "wrong.yaml:7:56: "}) {
        CHECK(result.err.find(place) != std::string::npos);
    }
    for (const std::string remedy :
         {"did you mean 'path'?", "did you mean 'max_bytes'?", "did you mean 'csv'?"}) {
        CHECK(result.err.find(remedy) != std::string::npos);
    }
}
