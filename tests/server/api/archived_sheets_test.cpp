// The file of a sheet as its batch's workers fetch it, from a server that has not extracted it.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "ended_batch.h"
#include "image_files.h"
#include "running_server.h"
#include "zip_bytes.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string asText(const sheets::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// A server with its work folder, whose extracted files can be removed, as if another server had
// them.
struct Server : Site {
    RunningServer server{*this, "0", {{"SHEAFLINE_WORK_DIR", (folder / "work").string()}}};
    Headers admin = server.signInAdmin();

    Reply source(const std::string& id, int sheet) const {
        return server.client().get(at(id, "/sheets/" + std::to_string(sheet) + "/source"), admin);
    }
    std::vector<fs::path> extracted() const {
        std::vector<fs::path> files;
        for (const auto& entry : fs::recursive_directory_iterator(folder / "work"))
            if (entry.is_regular_file() && entry.path().filename() != "epoch")
                files.push_back(entry.path());
        return files;
    }
    void removeExtracted() const {
        for (const fs::path& file : extracted()) fs::remove(file);
    }
};

}  // namespace

TEST_CASE("a server that has not extracted a sheet serves its file from the archive") {
    const Server site;
    const std::string print = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml";
    REQUIRE(runProgram(site.folder.path(), {"template", "print", print, "--out", "p.pdf"}).status ==
            0);
    const sheets::GreyImage page = sheets::softPage(120, 260);
    struct Case {
        std::string what;
        std::vector<ForgedEntry> entries;
        int sheets;
    };
    const std::vector<Case> cases{
        {"images, one of them compressed, beside a file that is no sheet",
         {{.name = "read me.txt", .content = "not an image"},
          {.name = "a.jpg", .content = asText(sheets::writeJpeg(page))},
          {.name = "b.png", .content = asText(sheets::writePng(page)), .deflated = true}},
         2},
        {"a TIFF of two pages",
         {{.name = "scan.tif",
           .content = asText(sheets::writeTiff({sheets::softPage(300, 200), page}))}},
         2},
        {"two entries of one name",
         {{.name = "a.jpg", .content = asText(sheets::writeJpeg(page))},
          {.name = "a.jpg", .content = asText(sheets::writeJpeg(sheets::softPage(90, 70)))}},
         2},
        {"a page of a PDF", {{.name = "exam.pdf", .content = site.folder.read("p.pdf")}}, 1}};
    for (const Case& one : cases) {
        INFO(one.what);
        const std::string id = endedBatch(site.server, site.admin, "unpack", zipOf(one.entries));
        std::vector<Reply> before;
        for (int sheet = 1; sheet <= one.sheets; ++sheet) before.push_back(site.source(id, sheet));
        site.removeExtracted();
        for (int sheet = 1; sheet <= one.sheets; ++sheet) {
            const Reply after = site.source(id, sheet);
            CHECK(after.status == 200);
            CHECK(after.body == before.at(sheet - 1).body);
            CHECK_FALSE(after.body.empty());
            CHECK(after.headers.at("etag") == before.at(sheet - 1).headers.at("etag"));
        }
        CHECK(site.source(id, one.sheets + 1).status == 404);
    }
}

TEST_CASE("the picture of the second entry of a name is that of the second entry") {
    const Server site;
    const std::string second = asText(sheets::writeJpeg(sheets::softPage(90, 70)));
    const std::string id = endedBatch(
        site.server, site.admin, "unpack",
        zipOf({{.name = "a.jpg", .content = asText(sheets::writeJpeg(sheets::softPage(120, 260)))},
               {.name = "a.jpg", .content = second}}));
    CHECK(site.server.client().get(at(id, "/sheets/2/image"), site.admin).body == second);
}

TEST_CASE("an extracted file that a power cut has damaged is replaced by that of the archive") {
    const Server site;
    const std::string sheet = asText(sheets::writeJpeg(sheets::softPage(120, 260)));
    const std::string id =
        endedBatch(site.server, site.admin, "unpack", zipOf({{.name = "a.jpg", .content = sheet}}));
    const auto files = site.extracted();
    REQUIRE(files.size() == 1);
    // In place, so that its attribute with the checksum stays.
    std::fstream(files[0], std::ios::in | std::ios::out | std::ios::binary)
        << std::string(sheet.size(), '\0');
    CHECK(site.source(id, 1).body == sheet);
}

TEST_CASE("a sheet is gone when neither the work folder nor the store has it") {
    const Server site;
    const std::string id = endedBatch(
        site.server, site.admin, "unpack",
        zipOf(
            {{.name = "a.jpg", .content = asText(sheets::writeJpeg(sheets::softPage(120, 260)))}}));
    site.removeExtracted();
    fs::remove(site.folder / stored("batches/" + id + "/archive.zip"));
    const Reply gone = site.source(id, 1);
    CHECK(gone.status == 404);
    CHECK(value(gone.body, "code") == "NO_IMAGE");
    CHECK_THAT(gone.body, Catch::Contains("archive was removed"));

    // Sheets that no archive has: the stage made the files itself.
    const std::string made = site.server.create("squares", site.admin);
    REQUIRE(site.server.stream(made, site.admin).back().name == "complete");
    site.removeExtracted();
    const Reply other = site.source(made, 1);
    CHECK(other.status == 404);
    CHECK(value(other.body, "code") == "NO_IMAGE");
}
