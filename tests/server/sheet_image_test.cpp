// The picture of a sheet out of its batch's archive, as a browser gets it.
#include <fstream>

#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>

#include "image_files.h"
#include "running_server.h"
#include "zip_bytes.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string asText(const sheets::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

sheets::GreyImage decoded(const std::string& bytes) {
    return sheets::readImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// A batch that has ended, made of this archive.
std::string endedBatch(const RunningServer& server, const Headers& who, const std::string& pipeline,
                       const std::string& archive) {
    const Reply made = server.client().send("POST", "/api/batches?pipeline=" + pipeline, archive,
                                            with(who, {{"Content-Type", "application/zip"}}));
    INFO(made.body);
    REQUIRE(made.status == 201);
    std::string id = value(made.body, "batch_id");
    REQUIRE(server.stream(id, who).back().name == "complete");
    return id;
}

}  // namespace

TEST_CASE("a sheet's image comes from the archive, and its overlay is what template check draws") {
    const Site site;
    const RunningServer server(site, "0",
                               {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}});
    const Headers admin = server.signInAdmin();
    const std::string id = endedBatch(server, admin, "omr-batch", site.archive(6));
    const HttpClient& client = server.client();
    const Reply sent = client.get(at(id, "/sheets/3/image"), admin);
    CHECK(sent.status == 200);
    CHECK(sent.headers.at("content-type") == "image/jpeg");
    site.folder.write("three.jpg", sent.body);
    const std::string demo = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml";
    const auto drawn = runProgram(site.folder.path(),
                                  {"template", "check", demo, "three.jpg", "--out", "three.png"});
    INFO(drawn.err);
    REQUIRE(drawn.status == 0);
    const Reply overlay = client.get(at(id, "/sheets/3/image?overlay=1"), admin);
    CHECK(overlay.status == 200);
    CHECK(overlay.headers.at("content-type") == "image/png");
    CHECK(overlay.body == site.folder.read("three.png"));
    CHECK(decoded(overlay.body).width == decoded(sent.body).width);

    CHECK(client.get(at(id, "/sheets/3/image?overlay=2"), admin).status == 400);
    CHECK(client.get(at(id, "/sheets/7/image"), admin).status == 404);
    CHECK(client.get(at(id, "/sheets/3/image")).status == 401);
    std::filesystem::remove(site.folder / ("sheafline-data/batches/" + id + "/archive.zip"));
    const Reply gone = client.get(at(id, "/sheets/3/image?overlay=1"), admin);
    CHECK(gone.status == 404);
    CHECK(value(gone.body, "code") == "NO_IMAGE");
}

TEST_CASE("a page of a TIFF comes as a JPEG, and without a template there is no overlay") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string tiff =
        asText(sheets::writeTiff({sheets::softPage(300, 200), sheets::softPage(120, 260)}));
    const std::string id =
        endedBatch(server, admin, "unpack", zipOf({{.name = "scan.tif", .content = tiff}}));
    const HttpClient& client = server.client();
    const Reply second = client.get(at(id, "/sheets/2/image"), admin);
    CHECK(second.headers.at("content-type") == "image/jpeg");
    CHECK(sheets::largestDifference(decoded(second.body), sheets::softPage(120, 260)) < 30);
    const Reply overlay = client.get(at(id, "/sheets/2/image?overlay=1"), admin);
    CHECK(overlay.status == 404);
    CHECK(value(overlay.body, "code") == "NO_TEMPLATE");
}
