// deploy/scanner/sheafline-scan-folder, run as a timer runs it.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using test::RunningServer;
using test::Site;

namespace {

namespace fs = std::filesystem;

class Scanner {
 public:
    Scanner(const Site& site, const RunningServer& server)
        : site_(site), url_(server.client().url()) {
        fs::create_directories(folder());
        const test::Reply reply = server.post(
            "/api/tokens", R"({"name":"scanner","scopes":["create"]})", server.signInAdmin());
        REQUIRE(reply.status == 201);
        token_ = test::value(reply.body, "token");
    }

    fs::path folder() const { return site_.folder.path() / "scans"; }
    void put(const std::string& name, const std::string& content) const {
        site_.folder.write("scans/" + name, content);
    }
    bool has(const std::string& name) const { return fs::exists(folder() / name); }

    // The exit status of one look; what it says is in `said`.
    int look(const std::string& pipeline, const std::string& more = "") {
        const std::string command =
            more + " SHEAFLINE_SCAN_QUIET=${SHEAFLINE_SCAN_QUIET:-0} SHEAFLINE_URL=" + url_ +
            " SHEAFLINE_TOKEN=" + token_ +
            " " SHEAFLINE_SOURCE_DIR "/deploy/scanner/sheafline-scan-folder '" + folder().string() +
            "' " + pipeline + " > " + (site_.folder.path() / "said").string() + " 2>&1";
        const int status = std::system(command.c_str());
        said = site_.folder.read("said");
        return WEXITSTATUS(status);
    }

    std::string said{};

 private:
    const Site& site_;
    std::string url_;
    std::string token_{};
};

}  // namespace

TEST_CASE("each file of a scanner's folder becomes one batch, whatever its name is") {
    const Site site;
    const RunningServer server(site);
    Scanner scanner(site, server);
    const std::string odd = "Klasse 7B \"Übung\" & 100%+1.ZIP";
    scanner.put("a.zip", site.archive(2));
    scanner.put(odd, site.archive(3));
    scanner.put("notes.txt", "no scan");
    INFO(scanner.said);
    REQUIRE(scanner.look("unpack") == 0);
    CHECK(scanner.has("sent/a.zip"));
    CHECK(scanner.has("sent/" + odd));
    CHECK(scanner.has("notes.txt"));
    const auto admin = server.signInAdmin();
    CHECK(server.client()
              .get("/api/batches", admin)
              .body.find("\"filename\":\"Klasse 7B \\\"Übung\\\" & 100%+1.ZIP\"") !=
          std::string::npos);

    // A call that was killed between the upload and the move sends the same file again.
    fs::rename(scanner.folder() / "sent/a.zip", scanner.folder() / "a.zip");
    REQUIRE(scanner.look("unpack") == 0);
    CHECK(scanner.said.find("a.zip: batch ") == 0);
    const std::string list = server.client().get("/api/batches", admin).body;
    const std::string id = "\"created_at\"";  // once for each batch
    const auto first = list.find(id);
    const auto second = list.find(id, first + 1);
    CHECK(second != std::string::npos);
    CHECK(list.find(id, second + 1) == std::string::npos);
}

TEST_CASE(
    "a scan that is still written, a lost server and a wrong pipeline leave the file where it is") {
    const Site site;
    RunningServer server(site);
    Scanner scanner(site, server);
    scanner.put("a.zip", site.archive(2));
    CHECK(scanner.look("unpack", "SHEAFLINE_SCAN_QUIET=3600;") == 0);
    CHECK(scanner.has("a.zip"));
    CHECK(scanner.look("no-such-pipeline") == 1);
    CHECK(scanner.said.find("a.zip: stays for the next call; the server answered 422: ") == 0);
    CHECK(scanner.has("a.zip"));
    server.program().signal(9);
    CHECK(scanner.look("unpack") == 1);
    CHECK(scanner.said.find("there is no answer from") != std::string::npos);
    CHECK(scanner.has("a.zip"));
}

TEST_CASE("a file that the server refuses is set aside with the reason") {
    const Site site;
    const RunningServer server(site);
    Scanner scanner(site, server);
    scanner.put("a.zip", site.archive(2));
    scanner.put("empty.pdf", "");
    CHECK(scanner.look("unpack") == 1);
    CHECK(scanner.has("sent/a.zip"));
    CHECK(scanner.has("rejected/empty.pdf"));
    CHECK(site.folder.read("scans/rejected/empty.pdf.txt").size() > 10);
}
