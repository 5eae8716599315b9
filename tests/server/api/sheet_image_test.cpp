// The picture of a sheet from its batch's archive, as a browser gets it.
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/sheets/read_image.h>

#include "ended_batch.h"
#include "http/raw_client.h"
#include "image_files.h"
#include "running_server.h"
#include "zip_bytes.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string asText(const sheets::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

sheets::GreyImage decoded(const std::string& bytes) {
    return sheets::readImage({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// Little-endian bytes of a number.
template <typename Number>
std::string bytesOf(Number number) {
    std::string bytes(sizeof(number), '\0');
    std::memcpy(bytes.data(), &number, sizeof(number));
    return bytes;
}

// Adds a stored file of zeros, which needs no space on the disk.
void growArchive(const fs::path& archive, std::uint32_t size) {
    std::ifstream file(archive, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto end = text.rfind("PK\x05\x06");
    std::uint16_t count = 0;
    std::uint32_t length = 0;
    std::uint32_t at = 0;
    std::memcpy(&count, text.data() + end + 10, sizeof(count));
    std::memcpy(&length, text.data() + end + 12, sizeof(length));
    std::memcpy(&at, text.data() + end + 16, sizeof(at));
    const std::string name = "zeros.txt";
    // Version, flags, method, time, date, CRC, sizes, and the lengths of name and extra field.
    const std::string common = bytesOf<std::uint64_t>(20) + bytesOf<std::uint16_t>(0) +
                               bytesOf<std::uint32_t>(0) + bytesOf(size) + bytesOf(size) +
                               bytesOf<std::uint32_t>(static_cast<std::uint32_t>(name.size()));
    const std::string local = "PK\x03\x04" + common + name;
    const std::string entry = "PK\x01\x02" + bytesOf<std::uint16_t>(20) + common +
                              std::string(10, '\0') + bytesOf(at) + name;
    const auto directory = static_cast<std::uint32_t>(at + local.size() + size);
    const auto more = static_cast<std::uint16_t>(count + 1);
    std::ofstream out(archive, std::ios::binary);
    out << text.substr(0, at) << local;
    out.seekp(directory);
    out << text.substr(at, length) << entry << text.substr(end, 8) << bytesOf(more) << bytesOf(more)
        << bytesOf(static_cast<std::uint32_t>(length + entry.size())) << bytesOf(directory)
        << text.substr(end + 20);
    REQUIRE(out.flush());
}

// The processes for pictures, which are children of any thread of the server.
std::vector<pid_t> pictureProcesses(pid_t server) {
    std::vector<pid_t> found;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(server) + "/task")) {
        std::ifstream children(task.path() / "children");
        for (pid_t child = 0; children >> child;) {
            std::ifstream command("/proc/" + std::to_string(child) + "/cmdline");
            const std::string text{std::istreambuf_iterator<char>(command), {}};
            if (text.find("picture-process") != std::string::npos) found.push_back(child);
        }
    }
    return found;
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
    const Reply plain = client.get(at(id, "/sheets/3"), admin);
    CHECK(plain.body.find("places") == std::string::npos);
    const Reply places = client.get(at(id, "/sheets/3?places=1"), admin);
    CHECK_THAT(places.body,
               Catch::Contains(R"("places":{"width":1240,"height":1754,"quarter_turns":0,)"));
    CHECK_THAT(places.body, Catch::Contains(R"({"name":"q1","value":)"));
    CHECK(client.get(at(id, "/sheets/3?places=2"), admin).status == 400);
    CHECK(client.get(at(id, "/sheets/7/image"), admin).status == 404);
    CHECK(client.get(at(id, "/sheets/3/image")).status == 401);
    std::filesystem::remove(site.folder / stored("batches/" + id + "/archive.zip"));
    const Reply gone = client.get(at(id, "/sheets/3/image?overlay=1"), admin);
    CHECK(gone.status == 404);
    CHECK(value(gone.body, "code") == "NO_IMAGE");
}

TEST_CASE("the crop of a doubtful answer equals the picture that sheets evidence writes") {
    const Site site;
    const RunningServer server(site, "0",
                               {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}});
    const Headers admin = server.signInAdmin();
    const fs::path& folder = site.folder.path();
    REQUIRE(runProgram(folder, {"sample", "--profile", "hard", "--sheets", "4", "--out", "h.zip"})
                .status == 0);
    const std::string id = endedBatch(server, admin, "omr-batch", site.folder.read("h.zip"));
    REQUIRE(runProgram(folder, {"sheets", "evidence", id, "--out", "seen"}).status == 0);
    int pictures = 0;
    for (const auto& file : fs::directory_iterator(folder / "seen")) {  // 000003-q7-faint.png
        const std::string name = file.path().stem();
        const std::string rest = name.substr(7);
        const std::string field = rest.substr(0, rest.rfind('-'));
        const std::string sheet = std::to_string(std::stoi(name.substr(0, 6)));
        INFO(name);
        const std::string path = at(id, "/sheets/" + sheet);
        const Reply shown = server.client().get(path + "/image?field=" + field, admin);
        CHECK(shown.status == 200);
        CHECK(shown.headers.at("content-type") == "image/png");
        CHECK(shown.body == site.folder.read("seen/" + file.path().filename().string()));
        CHECK(value(server.client().get(path, admin).body, "flags").find(field + ":") !=
              std::string::npos);
        ++pictures;
    }
    CHECK(pictures > 0);
    // Only what is asked for is written.
    const auto seen = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"sheets", "evidence", id, "--out", "some"});
        fs::remove_all(folder / "some");
        const auto run = runProgram(folder, options);
        INFO(run.err);
        CHECK(run.status == 0);
        std::set<std::string> names;
        for (const auto& file : fs::directory_iterator(folder / "some"))
            names.insert(file.path().filename());
        return names;
    };
    CHECK(seen({"--limit", "1"}).size() == 1);
    std::size_t by_flag = 0;
    for (const std::string flag : {"blank", "multiple", "faint", "erased", "circled"}) {
        for (const std::string& name : seen({"--flag", flag}))
            CHECK(name.find("-" + flag + ".") != std::string::npos);
        by_flag += seen({"--flag", flag}).size();
    }
    CHECK(by_flag == static_cast<std::size_t>(pictures));
    const std::string first = fs::directory_iterator(folder / "seen")->path().filename();
    const std::string of_first = first.substr(7, first.rfind('-') - 7);
    for (const std::string& name : seen({"--field", of_first}))
        CHECK(name.find("-" + of_first + "-") != std::string::npos);
    CHECK(seen({"--sheet", "2", "--sheet", "4"}).contains("000004.png"));
    CHECK(runProgram(folder, {"sheets", "evidence", id, "--sheet", "9"}).status == 2);
    const Reply none = server.client().get(at(id, "/sheets/1/image?field=no-such"), admin);
    CHECK(none.status == 404);
    CHECK(value(none.body, "code") == "NO_SUCH_FIELD");
}

TEST_CASE("an image that the template names is cut out of the archive on demand") {
    const Site site;
    const fs::path pipelines = site.folder / "pipes";
    fs::copy(SHEAFLINE_SOURCE_DIR "/pipelines", pipelines, fs::copy_options::recursive);
    std::string demo = site.folder.read("pipes/templates/demo-sheet.yaml");
    demo.insert(demo.find("fields:\n") + 8,
                "  - {name: head, type: image, box: [20, 20, 60, 12]}\n");
    site.folder.write("pipes/templates/demo-sheet.yaml", demo);
    const RunningServer server(site, "0", {{"SHEAFLINE_PIPELINES_DIR", pipelines.string()}});
    const Headers admin = server.signInAdmin();
    const std::string id = endedBatch(server, admin, "omr-batch", site.archive(2));
    const Reply cut = server.client().get(at(id, "/sheets/2/image?field=head"), admin);
    INFO(cut.body.substr(0, 300));
    REQUIRE(cut.status == 200);
    CHECK(cut.headers.at("content-type") == "image/png");
    CHECK(decoded(cut.body).width == Approx(60 * 150 / 25.4).margin(5));
    CHECK(decoded(cut.body).height == Approx(12 * 150 / 25.4).margin(5));
    // The command writes the same picture for each sheet.
    REQUIRE(runProgram(site.folder.path(),
                       {"sheets", "evidence", id, "--field", "head", "--out", "heads"})
                .status == 0);
    CHECK(cut.body == site.folder.read("heads/000002-head.png"));
    CHECK(fs::exists(site.folder / "heads/000001-head.png"));
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

TEST_CASE("a small file that decodes to gigabytes is drawn outside of the server's process") {
    const Site site;
    RunningServer server(site, "0",
                         {{"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/tests/data"}});
    const Headers admin = server.signInAdmin();
    std::ifstream file(SHEAFLINE_SOURCE_DIR "/tests/data/bigtiff.zip", std::ios::binary);
    const std::string archive{std::istreambuf_iterator<char>(file), {}};
    const std::string id = endedBatch(server, admin, "unpack-big", archive);
    const double before = server.peakMegabytes();
    std::vector<std::unique_ptr<sheafline::http::test::RawClient>> clients;
    const std::string request =
        "GET " + at(id, "/sheets/1/image") +
        " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + admin.at("Authorization") + "\r\n\r\n";
    const auto sendMany = [&] {
        clients.clear();
        for (std::size_t i = 0; i < 40 * server.pids().size(); ++i) {
            clients.push_back(std::make_unique<sheafline::http::test::RawClient>(
                static_cast<std::uint16_t>(server.portNumber())));
            clients.back()->send(request);
        }
    };
    // On each server two pictures are drawn, sixteen wait, and the others get 503; sent again where
    // all were drawn before the question.
    CHECK(eventually([&] {
        sendMany();
        return server.client().get(at(id, "/sheets/1/image"), admin).status == 503;
    }));
    clients.clear();
    CHECK(server.client().get("/healthz").status == 200);
    // The two processes are free again once their clients have left.
    CHECK(eventually(
        [&] { return server.client().get(at(id, "/sheets/1/image"), admin).status != 503; }));
    CHECK(server.peakMegabytes() < before + 150);
}

TEST_CASE("a picture that was drawn once comes from memory until its archive changes") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = endedBatch(server, admin, "unpack", site.archive(3));
    const auto drawn = [&](const char* how) {
        const std::string text = server.client().get("/metrics").body;
        const std::string name = std::string("sheafline_pictures_total{how=\"") + how + "\"} ";
        return std::stoi(text.substr(text.find(name) + name.size()));
    };
    const Reply first = server.client().get(at(id, "/sheets/2/image"), admin);
    REQUIRE(first.status == 200);
    CHECK(server.client().get(at(id, "/sheets/2/image"), admin).body == first.body);
    CHECK(drawn("drawn") == 1);
    CHECK(drawn("cached") == 1);
    fs::last_write_time(site.folder / stored("batches/" + id + "/archive.zip"),
                        fs::file_time_type::clock::now());
    CHECK(server.client().get(at(id, "/sheets/2/image"), admin).body == first.body);
    CHECK(drawn("drawn") == 2);
}

TEST_CASE("a picture is drawn although the idle processes for pictures were killed") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = endedBatch(server, admin, "unpack", site.archive(3));
    REQUIRE(server.client().get(at(id, "/sheets/1/image"), admin).status == 200);
    const auto all = [&] {
        std::vector<pid_t> processes;
        for (const int pid : server.pids())
            for (const pid_t process : pictureProcesses(pid)) processes.push_back(process);
        return processes;
    };
    const auto processes = all();
    REQUIRE(!processes.empty());
    for (const pid_t process : processes) ::kill(process, SIGKILL);
    // A killed process has no command line.
    REQUIRE(eventually([&] { return all().empty(); }));
    const Reply next = server.client().get(at(id, "/sheets/2/image"), admin);
    INFO(next.body.substr(0, 300));
    CHECK(next.status == 200);
}

TEST_CASE("sheets of an archive that is larger than the memory of a picture are shown") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = endedBatch(server, admin, "unpack", site.archive(3));
    const Reply small = server.client().get(at(id, "/sheets/2/image"), admin);
    REQUIRE(small.status == 200);
    growArchive(site.folder / stored("batches/" + id + "/archive.zip"), 3U << 30U);
    const Reply large = server.client().get(at(id, "/sheets/2/image"), admin);
    INFO(large.body.substr(0, 300));
    CHECK(large.status == 200);
    CHECK(large.body == small.body);
}
