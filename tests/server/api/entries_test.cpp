// Every entry of an archive is a sheet or an ignored entry, in the API, on the command line and in
// the summary of a run.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include "ended_batch.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// `sheets` good sheets, two images that cannot be read, a text, and a note of macOS.
std::string archiveWithRest(const Site& site, int sheets) {
    const TemporaryFolder& folder = site.folder;
    folder.write("all.zip", site.archive(sheets));
    folder.write("cut.jpg", std::string("\xFF\xD8\xFF\xE0") + std::string(34, 'x'));
    folder.write("empty.png", "");
    folder.write("notes.txt", "rescan page 3");
    std::filesystem::create_directory(folder / "__MACOSX");
    folder.write("__MACOSX/._a.jpg", "\xFF\xD8\xFF\xE0 resource");
    REQUIRE(std::system(("cd '" + folder.path().string() +
                         "' && zip -q all.zip cut.jpg empty.png notes.txt __MACOSX/._a.jpg")
                            .c_str()) == 0);
    return folder.read("all.zip");
}

// "1 waiting reason" for each sheet, or "name reason" for each ignored entry.
std::string shown(const Reply& reply) {
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    std::string text;
    const auto items = Poco::JSON::Parser()
                           .parse(reply.body)
                           .extract<Poco::JSON::Object::Ptr>()
                           ->getArray("items");
    for (unsigned i = 0; i < items->size(); ++i) {
        const auto item = items->getObject(i);
        text += item->optValue<std::string>("file", "") + item->optValue<std::string>("entry", "") +
                " " + item->getValue<std::string>("state") + ": " +
                item->getValue<std::string>("reason") + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("every entry of an archive is accounted for over HTTP") {
    const Site site;
    const RunningServer server(site, "0",
                               {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}});
    const Headers admin = server.signInAdmin();
    const std::string id = endedBatch(server, admin, "omr-batch", archiveWithRest(site, 2));
    const HttpClient& client = server.client();
    const std::string sheets = shown(client.get(at(id, "/sheets?state=quarantined"), admin));
    CHECK_THAT(sheets, Catch::Contains("cut.jpg quarantined: ") &&
                           Catch::Contains("empty.png quarantined: unreadable: the file is empty"));
    CHECK(std::count(sheets.begin(), sheets.end(), '\n') == 2);
    CHECK(shown(client.get(at(id, "/entries?state=ignored"), admin)) ==
          "notes.txt ignored: is not a JPEG, PNG, TIFF or WebP\n"
          "__MACOSX/._a.jpg ignored: is macOS metadata\n");
    const Reply first = client.get(at(id, "/entries?limit=1"), admin);
    CHECK_THAT(first.body, Catch::Contains("notes.txt") && !Catch::Contains("MACOSX"));
    const Reply rest =
        client.get(at(id, "/entries?limit=1&after=" + value(first.body, "next")), admin);
    CHECK_THAT(rest.body, Catch::Contains("MACOSX") && Catch::Contains("\"next\":null"));
    CHECK(client.get(at(id, "/entries?state=odd"), admin).status == 400);
    for (const char* where : {"", "/status"}) {
        const std::string batch = client.get(at(id, where), admin).body;
        for (const auto& [key, count] :
             std::map<std::string, std::string>{{"sheets_total", "4"},
                                                {"sheets_waiting", "0"},
                                                {"sheets_read", "2"},
                                                {"sheets_quarantined", "2"},
                                                {"sheets_discarded", "0"},
                                                {"entries_total", "6"},
                                                {"entries_ignored", "2"}}) {
            INFO(where << " " << key);
            CHECK_THAT(batch, Catch::Contains("\"" + key + "\":" + count));
        }
    }
    CHECK_THAT(client.get(at(id, "/progress?after=0"), admin).body,
               Catch::Contains("Extracted 3 files from ZIP (1 unreadable, 2 ignored)"));
}

TEST_CASE("a class of 30 with two images that cannot be read completes, and run names the rest") {
    const Site site;
    archiveWithRest(site, 30);
    const auto run =
        runProgram(site.folder.path(), {"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                                        "--input", "all.zip", "--batch-id", "class"});
    INFO(run.err);
    CHECK(run.status == 0);
    CHECK_THAT(run.err, Catch::Contains("2 entries of the archive ignored; see: sheafline batches "
                                        "entries class") &&
                            Catch::Contains("2 sheets are quarantined"));
    const auto shown = runProgram(site.folder.path(), {"batches", "show", "class"});
    CHECK_THAT(shown.out, Catch::Contains("32 (30 read, ") && Catch::Contains("2 quarantined") &&
                              Catch::Contains("ignored   notes.txt: is not a JPEG"));
    const auto entries = runProgram(site.folder.path(), {"batches", "entries", "class", "--json"});
    CHECK(entries.out ==
          R"({"entry":"notes.txt","state":"ignored","reason":"is not a JPEG, PNG, TIFF or WebP"})"
          "\n"
          R"({"entry":"__MACOSX/._a.jpg","state":"ignored","reason":"is macOS metadata"})"
          "\n");
}

TEST_CASE("a batch without one readable image fails, and its retry quarantines again") {
    const Site site;
    site.folder.write("a.jpg", "text");
    site.folder.write("b.pdf", "%PDF-1.4");
    REQUIRE(std::system(("cd '" + site.folder.path().string() + "' && zip -q bad.zip a.jpg b.pdf")
                            .c_str()) == 0);
    const auto run =
        runProgram(site.folder.path(), {"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                                        "--input", "bad.zip", "--batch-id", "bad"});
    INFO(run.err);
    CHECK(run.status == 1);
    CHECK_THAT(run.err, Catch::Contains("SKIP_LIMIT"));
    const auto listed = [&] {
        return runProgram(site.folder.path(), {"sheets", "bad", "--state", "quarantined"}).out;
    };
    const std::string before = listed();
    CHECK_THAT(before, Catch::Contains("named like a JPEG") &&
                           Catch::Contains("the PDF is cut off; send the whole file"));
    CHECK(runProgram(site.folder.path(), {"retry", "bad"}).status == 1);
    CHECK(listed() == before);
}
