// Files for params of type `file`, over HTTP and on the command line.
#include "batch/params/param_files.h"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "base/data_folder.h"
#include "history/history.h"
#include "program.h"
#include "running_server.h"
#include "uploads/base64.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kExam = R"(
name: exam
params:
  input: {type: path, required: true}
  template: {type: file, required: true, help: the template of the sheet}
  roster: {type: file}
  note: {type: string, default: ""}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - {id: process, uses: dispatch, with: {processor: omr, template: "${{ params.template }}", workers: 1}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: rows.csv}}
)";
// With a row for each student of the class list.
constexpr const char* kMarks = R"(
name: marks
params:
  input: {type: path, required: true}
  template: {type: file, required: true}
  roster: {type: file, required: true}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - {id: process, uses: dispatch, with: {processor: omr, template: "${{ params.template }}", workers: 1}}
  - {id: collect, uses: collect, with: {rows: student, template: "${{ params.template }}", roster: "${{ params.roster }}"}}
  - {id: csv, uses: csv, with: {file: rows.csv}}
)";
constexpr const char* kRoster = "id,name\n1,\"Ada, Countess\"\n2,Łukasz\n";

std::string jsonText(const std::string& text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '\n') {
            json += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') json += '\\';
        json += c;
    }
    return json + '"';
}

struct Exam {
    Site site{};
    std::string archive{site.archive(2)};
    std::string sheet{};

    Exam() {
        site.folder.write("pipelines/exam.yaml", kExam);
        site.folder.write("pipelines/marks.yaml", kMarks);
        sheet = site.folder.read(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
        site.folder.write("sheet.yaml", sheet);
        site.folder.write("students.csv", kRoster);
    }
};

struct ExamServer : Exam {
    RunningServer server{site};
    Headers admin{server.signInAdmin()};

    Reply order(const std::string& params) const {
        return server.post("/api/batches",
                           R"({"pipeline":"exam","length":)" + std::to_string(archive.size()) +
                               R"(,"params":)" + params + "}",
                           admin);
    }
    Reply get(const std::string& path, const Headers& who) const {
        return server.client().get(path, who);
    }
    std::string stored(const std::string& id, const std::string& file) const {
        return site.folder.read(test::stored("batches/" + id + "/files/" + file));
    }
};

std::string rowsOf(const ExamServer& s, const std::string& id) {
    std::string rows = s.get(at(id, "/artifacts/rows.csv"), s.admin).body;
    for (auto place = rows.find(id); place != std::string::npos; place = rows.find(id))
        rows.erase(place, id.size());
    return rows;
}

}  // namespace

TEST_CASE_METHOD(ExamServer, "files for params come in a JSON order, are used, and are served") {
    const Reply made = order(R"({"template":{"filename":"sheet.yaml","text":)" + jsonText(sheet) +
                             R"(},"roster":{"filename":"C:\\lists\\students.csv","base64":")" +
                             encodeBase64(kRoster) + R"("}})");
    INFO(made.body);
    REQUIRE(made.status == 201);
    const std::string id = value(made.body, "batch_id");
    CHECK(stored(id, "template/sheet.yaml") == sheet);
    CHECK(stored(id, "roster/students.csv") == kRoster);
    REQUIRE(server.patch(id, 0, archive, admin).status == 204);
    REQUIRE(server.stream(id, admin).back().name == "complete");
    CHECK(countOf(rowsOf(*this, id), "\n") == 3);

    const std::string batch = get(at(id, ""), admin).body;
    CHECK_THAT(batch, Catch::Contains(R"("param":"roster","name":"students.csv","sha256":")"));
    CHECK_THAT(batch, Catch::Contains("/files/template") && !Catch::Contains("sheafline-data"));
    const Reply roster = get(at(id, "/files/roster"), admin);
    CHECK(roster.body == kRoster);
    CHECK_THAT(roster.headers.at("content-disposition"), Catch::Contains("students.csv"));
    CHECK(get(at(id, "/files/note"), admin).status == 404);
    CHECK(get(at(id, "/files/roster"), server.addUser("eve", admin)).status == 404);

    REQUIRE(server.client().send("DELETE", at(id, ""), "", admin).status == 204);
    CHECK_FALSE(std::filesystem::exists(site.folder / test::stored("batches/" + id)));
}

TEST_CASE_METHOD(ExamServer, "a text for a param of type file is the content of the file") {
    std::string query;
    for (const char c : sheet) {
        constexpr std::string_view kHex = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        query += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
    const Reply made =
        server.client().send("POST", "/api/batches?pipeline=exam&set.template=" + query, archive,
                             with(admin, {{"Content-Type", "application/zip"}}));
    INFO(made.body);
    REQUIRE(made.status == 201);
    const std::string id = value(made.body, "batch_id");
    CHECK(server.stream(id, admin).back().name == "complete");
    CHECK(stored(id, "template/template") == sheet);
}

TEST_CASE_METHOD(ExamServer, "a wrong file of a param is rejected with its pointer") {
    const auto [params, pointer, detail] = GENERATE(table<const char*, const char*, const char*>({
        {R"({})", "/params/template", "this param is required"},
        {R"({"template":""})", "/params/template", "the file is empty"},
        {R"({"template":{"text":""}})", "/params/template", "the file is empty"},
        {R"({"template":{"filename":"a"}})", "/params/template", "as 'text' or 'base64'"},
        {R"({"template":{"text":"a","base64":"YQ=="}})", "/params/template", "as 'text' or"},
        {R"({"template":{"base64":"YQ"}})", "/params/template/base64", "not base64"},
        {R"({"template":{"text":1}})", "/params/template/text", "a file has the texts"},
        {R"({"template":{"path":"/etc/passwd"}})", "/params/template/path", "a file has"},
        {R"({"template":"x","note":{"text":"a"}})", "/params/note", "takes no file"},
        {R"({"template":"x","input":{"text":"a"}})", "/params/input", "takes no file"},
        {R"({"template":"x","none":{"text":"a"}})", "/params/none", "has no param 'none'"},
    }));
    const Reply reply = order(params);
    INFO(reply.body);
    CHECK(reply.status == 422);
    CHECK_THAT(reply.body, Catch::Contains("\"pointer\":\"" + std::string(pointer) + '"') &&
                               Catch::Contains(detail));
}

TEST_CASE_METHOD(ExamServer, "what names a file of this machine is only the content of a file") {
    const std::string text = GENERATE(as<std::string>{}, "/etc/passwd", "sheet.yaml",
                                      "sha256:" + std::string(64, 'a') + " ../../../etc/passwd");
    const Reply made =
        order(R"({"template":"x","roster":{"filename":"../../x/.","text":")" + text + "\"}}");
    INFO(made.body);
    REQUIRE(made.status == 201);
    CHECK(stored(value(made.body, "batch_id"), "roster/roster") == text);
}

TEST_CASE_METHOD(ExamServer, "a file that is larger than 8 MiB is rejected") {
    const Reply reply =
        order(R"({"template":{"text":")" + std::string((8U << 20U) + 1, 'x') + "\"}}");
    CHECK(reply.status == 422);
    CHECK_THAT(reply.body, Catch::Contains("the file has more than 8MiB"));
}

TEST_CASE("run copies the files of params, so that the batch no longer needs the originals") {
    const Exam exam;
    const std::vector<std::string> run{
        "run",   "pipelines/exam.yaml", "--input",    "sample.zip", "--set", "template=sheet.yaml",
        "--set", "roster=students.csv", "--batch-id", "one"};
    const auto done = runProgram(exam.site.folder.path(), run);
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(exam.site.folder.read("sheafline-data/batches/one/files/roster/students.csv") == kRoster);
    CHECK(exam.site.folder.read("sheafline-data/batches/one/files/template/sheet.yaml") ==
          exam.sheet);

    exam.site.folder.write("students.csv", "other");
    const auto again = runProgram(exam.site.folder.path(), run);
    CHECK(again.status == 2);
    CHECK_THAT(again.err, Catch::Contains("one"));
    CHECK(exam.site.folder.read("sheafline-data/batches/one/files/roster/students.csv") == kRoster);
}

TEST_CASE("run rejects a file of a param that it cannot read") {
    const Exam exam;
    const auto [file, reason] = GENERATE(table<const char*, const char*>({
        {"none.yaml", "template: none.yaml: there is no such file"},
        {"pipelines", "template: pipelines: it is not a file"},
    }));
    const auto done =
        runProgram(exam.site.folder.path(), {"run", "pipelines/exam.yaml", "--input", "sample.zip",
                                             "--set", "template=" + std::string(file)});
    CHECK(done.status == 2);
    CHECK_THAT(done.err, Catch::Contains(reason));
}

TEST_CASE_METHOD(ExamServer, "submit sends the files of params") {
    const auto done = runProgram(
        site.folder.path(),
        {"submit", "sample.zip", "--server", server.client().url(), "--pipeline", "exam", "--set",
         "template=sheet.yaml", "--set", "roster=students.csv", "--set", "note=hello"},
        {{"SHEAFLINE_TOKEN", admin.at("Authorization").substr(7)}});
    INFO(done.err);
    CHECK(done.status == 0);
    const std::string id = done.err.substr(done.err.find("batch ") + 6, 36);
    CHECK(stored(id, "template/sheet.yaml") == sheet);
    CHECK(get(at(id, "/files/roster"), admin).body == kRoster);
}

TEST_CASE_METHOD(ExamServer,
                 "a template that was sent can only name files that were sent with it") {
    const std::string place = GENERATE("/etc/passwd", "../../../../secret.csv", "../../.sent/../x");
    site.folder.write("secret.csv", "the-secret\n");
    const std::string sent = sheet + "key: " + place + "\n";
    const Reply made =
        order(R"({"template":{"filename":"sheet.yaml","text":)" + jsonText(sent) + "}}");
    REQUIRE(made.status == 201);
    const std::string id = value(made.body, "batch_id");
    REQUIRE(server.patch(id, 0, archive, admin).status == 204);
    const auto events = server.stream(id, admin);
    CHECK(events.back().name == "error");
    CHECK_THAT(events.back().data, Catch::Contains("can only name files that were sent with it") &&
                                       !Catch::Contains("the-secret") && !Catch::Contains("root:"));
}

TEST_CASE_METHOD(ExamServer, "a template that was sent names the key of another param") {
    const std::string sent = sheet + "key: ../roster/answers.csv\n";
    const Reply made =
        order(R"({"template":{"filename":"sheet.yaml","text":)" + jsonText(sent) +
              R"(},"roster":{"filename":"answers.csv","text":"question,answer\nq1,A\n"}})");
    REQUIRE(made.status == 201);
    const std::string id = value(made.body, "batch_id");
    REQUIRE(server.patch(id, 0, archive, admin).status == 204);
    CHECK(server.stream(id, admin).back().name == "complete");
}

TEST_CASE_METHOD(ExamServer, "a class list and a template that were sent make rows of students") {
    const std::string first = R"({"pipeline":"marks","length":)" + std::to_string(archive.size()) +
                              R"(,"params":{"template":{"filename":"sheet.yaml","text":)" +
                              jsonText(sheet) + R"(},"roster":{"filename":"class.csv","text":)";
    const auto rows = [&](const std::string& list) {
        const Reply made = server.post("/api/batches", first + jsonText(list) + "}}}", admin);
        INFO(made.body);
        REQUIRE(made.status == 201);
        const std::string id = value(made.body, "batch_id");
        REQUIRE(server.patch(id, 0, archive, admin).status == 204);
        const auto events = server.stream(id, admin);
        INFO(events.back().data);
        REQUIRE(events.back().name == "complete");
        CHECK_THAT(get(at(id, "/findings"), admin).body,
                   Catch::Contains(R"("problem":"missing_student","student":"0000001")"));
        return get(at(id, "/results"), admin).body;
    };
    const std::string unknown = rows("id,name\n0000001,Nobody\n");
    CHECK(countOf(unknown, "sheet:unknown_student") == 2);
    CHECK(countOf(unknown, "\"sheets_of_student\":\"") == 2);
    const std::string student = value(unknown, "student");
    const std::string known = rows("id,name\n0000001,Nobody\n" + student + ",Ada\n");
    CHECK(countOf(known, "\"name\":\"Ada\"") == 1);
    CHECK(countOf(known, "sheet:unknown_student") == 1);
}

TEST_CASE("files of a batch that cannot be stored leave nothing behind") {
    const TemporaryFolder folder;
    const DataFolder data(folder / "data");
    data.prepare();
    const History history(data.history(), "owner");
    const std::string impossible(300, 'x');  // longer than the name of a folder
    const ParamFiles files{{"a", {.name = "a.csv", .bytes = "1"}},
                           {impossible, {.name = "b.csv", .bytes = "2"}}};
    CHECK_THROWS(storeParamFiles(data, "one", files, FilesFrom::http));
    CHECK_FALSE(std::filesystem::exists(data.batch("one")));
    storeParamFiles(data, "one", {{"a", {.name = "a.csv", .bytes = "1"}}}, FilesFrom::http);
    CHECK(bytesOfFiles(data, "one") == 1);
    forgetParamFiles(data, "one");
    CHECK_FALSE(std::filesystem::exists(data.batch("one")));
}
