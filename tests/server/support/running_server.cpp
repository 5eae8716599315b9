#include "running_server.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace sheafline::test {

namespace {

constexpr const char* kSquares = R"(
name: squares
params:
  extra: {type: string, default: "", pattern: "^[a-z]*$"}
  secret_place: {type: string, default: "", scope: operator}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 40}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: out.csv}}
)";
constexpr const char* kSlow = R"(
name: slow
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 60}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, pause: 40ms}}
)";
constexpr const char* kWaits =
    "name: waits\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n";
constexpr const char* kFails =
    "name: fails\nstages:\n  - {id: a, uses: probe, with: {act: fail}}\n";
constexpr const char* kUnpack = R"(
name: unpack
params:
  input: {type: path, required: true}
  note: {type: string, default: ""}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
)";
constexpr const char* kKeep = R"(
name: keep
params:
  input: {type: path, required: true}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 1}}
)";

std::map<std::string, std::string> withDefaults(std::map<std::string, std::string> environment) {
    environment.emplace("SHEAFLINE_PIPELINES_DIR", "pipelines");
    return environment;
}

std::vector<std::string> serveArguments(const std::string& port,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> all{"serve", "--listen", "127.0.0.1:" + port};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::unique_ptr<SharedServers> sharedServers(const Site& site, const std::string& port,
                                             const std::map<std::string, std::string>& environment,
                                             const std::vector<std::string>& arguments) {
    const char* count = std::getenv("SHEAFLINE_TEST_SERVERS");
    if (count == nullptr) return nullptr;
    return std::make_unique<SharedServers>(site.folder, std::stoi(count), std::stoi(port),
                                           environment, arguments);
}

std::string plus(std::string text) {
    for (char& c : text) c = c == ' ' ? '+' : c;
    return text;
}

}  // namespace

Site::Site() {
    std::filesystem::create_directory(folder / "pipelines");
    folder.write("pipelines/squares.yaml", kSquares);
    folder.write("pipelines/slow.yaml", kSlow);
    folder.write("pipelines/waits.yaml", kWaits);
    folder.write("pipelines/fails.yaml", kFails);
    folder.write("pipelines/unpack.yaml", kUnpack);
    folder.write("pipelines/keep.yaml", kKeep);
}

std::string Site::archive(int sheets) const {
    const auto made = runProgram(
        folder.path(), {"sample", "--sheets", std::to_string(sheets), "--out", "sample.zip"});
    REQUIRE(made.status == 0);
    return folder.read("sample.zip");
}

RunningServer::RunningServer(const Site& site, const std::string& port,
                             const std::map<std::string, std::string>& environment,
                             const std::vector<std::string>& arguments)
    : shared_(sharedServers(site, port, environment, arguments)),
      program_(shared_
                   ? nullptr
                   : std::make_unique<Program>(site.folder.path(), serveArguments(port, arguments),
                                               withDefaults(environment))),
      client_(shared_ ? shared_->url() : program_->waitForLineAfter("listening on ")) {
    if (client_.url().empty()) throw std::runtime_error("the server did not start to listen");
    client_.describe(client_.get("/api/openapi.json").body);
}

std::vector<int> RunningServer::pids() const {
    if (!shared_) return {program_->pid()};
    std::vector<int> all;
    for (std::size_t i = 0; i < shared_->count(); ++i) all.push_back(shared_->server(i).pid());
    return all;
}

double RunningServer::cpuSeconds() const {
    double all = 0;
    for (const int pid : pids()) all += cpuSecondsOf(pid);
    return all;
}

double RunningServer::peakMegabytes() const {
    double most = 0;
    for (const int pid : pids()) most = std::max(most, peakMegabytesOf(pid));
    return most;
}

std::string RunningServer::firstPassword() const {
    return program().waitForLineAfter("sign in as 'admin' with the password ");
}

Reply RunningServer::login(const std::string& user, const std::string& password) const {
    return client_.send("POST", "/api/auth/login",
                        "username=" + user + "&password=" + plus(password),
                        {{"Content-Type", "application/x-www-form-urlencoded"}});
}

Headers RunningServer::signIn(const std::string& user, const std::string& password) const {
    const Reply reply = login(user, password);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    CHECK(value(reply.body, "token_type") == "bearer");
    return {{"Authorization", "Bearer " + value(reply.body, "access_token")}};
}

Headers RunningServer::addUser(const std::string& name, const Headers& admin,
                               const std::string& role) const {
    const std::string json =
        "{\"user\":\"" + name + "\",\"password\":\"" + kPassword + "\",\"role\":\"" + role + "\"}";
    REQUIRE(post("/api/users", json, admin).status == 201);
    return signIn(name, kPassword);
}

Reply RunningServer::post(const std::string& path, const std::string& json, Headers headers) const {
    headers["Content-Type"] = "application/json";
    return client_.send("POST", path, json, headers);
}

std::string RunningServer::create(const std::string& pipeline, const Headers& who) const {
    const Reply reply = post("/api/batches", R"({"pipeline":")" + pipeline + R"("})", who);
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    return value(reply.body, "batch_id");
}

std::vector<StreamedEvent> RunningServer::stream(const std::string& batch,
                                                 const Headers& headers) const {
    return curlStream(client_.url() + at(batch, "/stream"), headers);
}

std::size_t RunningServer::streams() const {
    std::size_t all = 0;
    for (std::size_t i = 0; i < (shared_ ? shared_->count() : 1); ++i) {
        const HttpClient client(shared_ ? shared_->urlOf(i) : client_.url());
        const std::string metrics = client.get("/metrics").body;
        const std::string line = "\nsheafline_streams ";
        all += std::stoull(metrics.substr(metrics.find(line) + line.size()));
    }
    return all;
}

bool RunningServer::waitForStage(const std::string& batch, const std::string& stage,
                                 const Headers& who) const {
    return eventually(
        [&] { return value(client_.get(at(batch, "/progress"), who).body, "stage") == stage; });
}

std::string RunningServer::openUpload(std::size_t length, const Headers& who,
                                      const Headers& more) const {
    const Reply reply = client_.send(
        "POST", "/api/batches", R"({"pipeline":"keep","length":)" + std::to_string(length) + '}',
        with(with(who, {{"Content-Type", "application/json"}}), more));
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    CHECK(value(reply.body, "state") == "uploading");
    return value(reply.body, "batch_id");
}

Reply RunningServer::patch(const std::string& id, std::size_t offset, const std::string& bytes,
                           const Headers& who, const Headers& more) const {
    const Headers headers = with(who, {{"Tus-Resumable", "1.0.0"},
                                       {"Upload-Offset", std::to_string(offset)},
                                       {"Content-Type", "application/offset+octet-stream"}});
    return client_.send("PATCH", "/api/uploads/" + id, bytes, with(headers, more));
}

Reply RunningServer::headOf(const std::string& id, const Headers& who) const {
    return client_.send("HEAD", "/api/uploads/" + id, "", with(who, {{"Tus-Resumable", "1.0.0"}}));
}

std::size_t RunningServer::offsetOf(const std::string& id, const Headers& who) const {
    Reply reply = headOf(id, who);
    while (reply.status == 423)
        reply = headOf(id, who);  // a slow disk; tus clients repeat the request too
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return std::stoull(reply.headers.at("upload-offset"));
}

double cpuSecondsOf(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string field;
    double ticks = 0;
    for (int i = 3; i <= 15 && fields >> field; ++i) {
        if (i >= 14) ticks += std::stod(field);
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double peakMegabytesOf(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    return 0;
}

std::string at(const std::string& batch, const std::string& what) {
    return "/api/batches/" + batch + what;
}

std::string stored(const std::string& file) {
    return (std::getenv("SHEAFLINE_TEST_SERVERS") == nullptr ? "sheafline-data/" : "store/") + file;
}

Headers with(Headers headers, const Headers& more) {
    for (const auto& [name, text] : more) headers[name] = text;
    return headers;
}

}  // namespace sheafline::test
