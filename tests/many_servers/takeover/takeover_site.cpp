#include "takeover/takeover_site.h"

#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "program.h"
#include "scanner_pages.h"

namespace sheafline::test {

namespace {

constexpr const char* kWaits =
    "name: waits\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n";

// Every stage of the example pipeline, with a review, and chunks so small that there are several.
constexpr const char* kTakenOver = R"yaml(
name: taken-over
params:
  input: {type: path, required: true}
review: {before: csv}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - id: organize
    uses: organize_qr
    with:
      pattern: "(?<exam>[A-Z0-9]+)-(?<class>[A-Z0-9]+)/(?<page>[0-9]+)/(?<student>[0-9]+)"
      group_by: "{exam}-{class}"
      on_unreadable: quarantine
  - {id: process, uses: dispatch, with: {processor: omr, template: SHEET, workers: 2}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: out.csv}}
  - {id: load, uses: db_load, with: {url: "DATABASE", chunk_rows: 25}}
finally:
  - {id: cleanup, uses: cleanup}
sinks:
  - {uses: jsonl, with: {file: "${{ batch.data_dir }}/events.jsonl"}}
  - {uses: webhook, with: {url: "RECEIVER", events: all, allow_private: true}}
)yaml";

std::string pipeline(const std::string& database, int receiver_port) {
    std::string text = kTakenOver;
    const std::vector<std::pair<std::string, std::string>> words{
        {"SHEET", SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml"},
        {"DATABASE", database},
        {"RECEIVER", "http://127.0.0.1:" + std::to_string(receiver_port) + "/"}};
    for (const auto& [word, with] : words)
        for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;)
            text.replace(at, word.size(), with);
    return text;
}

void runAll(const TemporaryFolder& folder, const std::vector<std::string>& arguments) {
    const auto result = runProgram(folder.path(), arguments);
    if (result.status != 0) throw std::runtime_error(result.err);
}

// 57 images and a PDF of 3 pages, so that pages are extracted too.
std::string archiveIn(const TemporaryFolder& folder) {
    constexpr int kPages = 3;
    runAll(folder, {"sample", "--sheets", std::to_string(TakeoverSite::kSheets - kPages), "--out",
                    "b.zip"});
    runAll(folder, {"sample", "--sheets", std::to_string(kPages), "--seed", "2", "--out", "p.zip"});
    folder.write("scan.pdf", scannerPages(folder / "p.zip").pdf);
    outputOf("cd '" + folder.path().string() +
             "' && python3 -c \"import zipfile; zipfile.ZipFile('b.zip', 'a').write('scan.pdf')\"");
    return folder.read("b.zip");
}

}  // namespace

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) lines.push_back(line);
    return lines;
}

TakeoverSite::TakeoverSite() : archive_(archiveIn(folder_)) {
    received_.write("mode", "accept");
    receiver_ = std::make_unique<ChildServer>(
        std::vector<std::string>{"python3",
                                 SHEAFLINE_SOURCE_DIR "/tests/plugins/sinks/webhook_receiver.py",
                                 std::to_string(receiver_port_), received_.path().string()},
        "ready");
    std::filesystem::create_directory(folder_ / "pipelines");
    folder_.write("pipelines/waits.yaml", kWaits);
    folder_.write("pipelines/taken-over.yaml", pipeline(postgres_.url(), receiver_port_));
    standby_ = start("standby", {{"SHEAFLINE_MAX_RUNNING", "1"}});
    const Reply signed_in =
        HttpClient(standby_->url())
            .send("POST", "/api/auth/login",
                  "username=admin&password=" +
                      standby_->program().waitForLineAfter("sign in as 'admin' with the password "),
                  {{"Content-Type", "application/x-www-form-urlencoded"}});
    admin_ = {{"Authorization", "Bearer " + value(signed_in.body, "access_token")}};
}

std::unique_ptr<LosableServer> TakeoverSite::start(const std::string& data,
                                                   const LosableServer::Environment& more) const {
    LosableServer::Environment environment{
        {"SHEAFLINE_HISTORY", postgres_.url()},
        {"SHEAFLINE_STORE", folder_ / "store"},
        {"SHEAFLINE_SECRET_KEY", folder_ / "secret.key"},
        {"SHEAFLINE_REDIS", redis_.url()},
        {"SHEAFLINE_PIPELINES_DIR", "pipelines"},
        {"SHEAFLINE_PIPELINE_SINKS", "jsonl, webhook"},
        {"SHEAFLINE_USER_RUNNING", "10"},
    };
    environment.insert(more.begin(), more.end());
    return std::make_unique<LosableServer>(folder_.path(), data, environment);
}

void TakeoverSite::occupyStandby() {
    if (!occupied_by_.empty()) return;
    const Reply made = HttpClient(standby_->url())
                           .send("POST", "/api/batches", R"({"pipeline":"waits"})",
                                 {{"Content-Type", "application/json"},
                                  {"Authorization", admin_.at("Authorization")}});
    occupied_by_ = value(made.body, "batch_id");
    const bool occupied = eventually([&] {
        return query("SELECT owner FROM sheafline.leases WHERE name = 'batch/" + occupied_by_ +
                     "'") == standby_->id();
    });
    if (!occupied) throw std::runtime_error("nothing occupies the server: " + made.body);
}

void TakeoverSite::freeStandby() {
    if (occupied_by_.empty()) return;
    const Reply cancelled =
        HttpClient(standby_->url())
            .send("POST", "/api/batches/" + occupied_by_ + "/cancel", "", admin_);
    if (cancelled.status != 202) throw std::runtime_error(cancelled.body);
    occupied_by_.clear();
}

void TakeoverSite::giveRedisTo(const LosableServer& server) const {
    const bool given = eventually([&] {
        return query(
                   "UPDATE sheafline.leases SET lease_until = '-infinity' WHERE name = "
                   "'sink/redis' AND owner <> '" +
                   server.id() + "'; SELECT owner FROM sheafline.leases WHERE name = 'sink/redis'")
                   .find(server.id()) != std::string::npos;
    });
    if (!given) throw std::runtime_error("the server does not feed Redis");
}

void TakeoverSite::endLeasesOf(const LosableServer& server) const {
    query("UPDATE sheafline.leases SET lease_until = clock_timestamp() WHERE owner = '" +
          server.id() + "' AND lease_until > clock_timestamp()");
    query("UPDATE sheafline.uploads SET held_until = '-infinity' WHERE holder = '" + server.id() +
          "'");
}

std::vector<std::string> TakeoverSite::inRedis(const std::string& batch) const {
    return linesOf(redis_.cli("LRANGE batch:" + batch + ":progress:log 0 -1"));
}

// The receiver gets an event again if a server was lost before it knew the answer.
std::vector<std::string> TakeoverSite::atReceiver(const std::string& batch) const {
    std::map<int, std::string> events;                                   // by their seq
    for (const std::string& line : linesOf(received_.read("events"))) {  // BATCH/SEQ STATE EVENT
        if (!line.starts_with(batch + "/")) continue;
        const auto state = line.find(' ');
        events.emplace(std::stoi(line.substr(batch.size() + 1)),
                       line.substr(line.find(' ', state + 1) + 1));
    }
    std::vector<std::string> all;
    for (const auto& [seq, event] : events) all.push_back(event);
    return all;
}

}  // namespace sheafline::test
