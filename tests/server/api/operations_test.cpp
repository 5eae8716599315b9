// What the operators of a server can see and ask.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sqlite3.h>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE("the log names every request by its id and contains no secret") {
    const Site site;
    RunningServer server(site, "0", {{"SHEAFLINE_LOG_LEVEL", "info"}});
    const HttpClient& client = server.client();
    const std::string password = server.firstPassword();
    const Headers admin = server.signIn("admin", password);
    const Headers alice = server.addUser("alice", admin);
    const std::string id = server.create("squares", alice);
    const std::string ticket =
        value(server.post(at(id, "/stream-ticket"), "", alice).body, "ticket");
    CHECK(curlStream(client.url() + at(id, "/stream?ticket=" + ticket)).back().name == "complete");
    const std::string cookie =
        client
            .send("POST", "/api/auth/login?cookie=1", "username=admin&password=" + password,
                  {{"Content-Type", "application/x-www-form-urlencoded"}, {"Origin", client.url()}})
            .headers.at("set-cookie");
    const std::string session = cookie.substr(cookie.find('=') + 1, cookie.find(';') - 10);
    client.get("/api/batches?q=" + id, with({}, {{"Cookie", "sheafline=" + session}}));
    client.get("/api/batches?access_token=" + admin.at("Authorization").substr(7));
    server.login("admin", "a wrong password");
    const std::string request = client.get(at(id, "/status"), alice).headers.at("x-request-id");
    server.program().signal(SIGTERM);
    const std::string log = server.program().wait().err;
    INFO(log);
    const std::regex line("request id=" + request +
                          R"( client=127\.0\.0\.1 method=GET path=/api/batches/)" + id +
                          "/status status=200 bytes=[0-9]+ us=[0-9]+");
    CHECK(std::regex_search(log, line));
    for (const std::string& secret :
         {password, std::string(kPassword), std::string("a+long+password"), ticket, session,
          admin.at("Authorization").substr(7), alice.at("Authorization").substr(7),
          std::string("a wrong password"), std::string("a+wrong+password")}) {
        INFO(secret);
        REQUIRE(secret.size() > 10);
        CHECK(log.find(secret) == std::string::npos);
    }
}

TEST_CASE("metrics match Prometheus' grammar and contain what an operator needs") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    server.stream(id, admin);
    const std::string waiting = server.create("waits", admin);
    REQUIRE(eventually([&] {
        return server.client().get("/metrics").body.find("sheafline_stages_running{") !=
               std::string::npos;
    }));
    const std::string upload = server.openUpload(100, admin);
    REQUIRE(server.patch(upload, 0, "0123456789", admin).status == 204);
    const Reply reply = server.client().get("/metrics");
    CHECK(reply.headers.at("content-type").starts_with("text/plain; version=0.0.4"));
    std::map<std::string, std::string> values;
    std::set<std::string> typed;
    std::istringstream lines(reply.body);
    const std::regex comment("# (HELP [a-z_]+ .+|TYPE [a-z_]+ (gauge|counter|histogram))");
    const std::regex sample(
        R"re(([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? ([0-9.e+-]+))re");
    const std::regex part_of_histogram("_(bucket|sum|count)$");
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        std::smatch parts;
        if (line.starts_with("#")) {
            CHECK(std::regex_match(line, comment));
            if (line.starts_with("# TYPE ")) typed.insert(line.substr(7, line.rfind(' ') - 7));
        } else {
            REQUIRE(std::regex_match(line, parts, sample));
            CHECK((typed.contains(parts[1]) ||
                   typed.contains(std::regex_replace(parts[1].str(), part_of_histogram, ""))));
            values[parts[1].str() + parts[2].str()] = parts[3];
        }
    }
    for (const char* name :
         {"sheafline_http_connections", "sheafline_http_requests_total",
          "sheafline_http_refused_total", "sheafline_http_timeouts_total",
          "sheafline_http_evicted_total", "sheafline_streams", "sheafline_deliveries_total",
          "sheafline_streams_cut_total", "sheafline_streams_turned_away_total",
          "sheafline_batches{state=\"completed\"}", "sheafline_batches_running",
          "sheafline_batches_waiting", "sheafline_uploads_open", "sheafline_upload_bytes_total",
          "sheafline_history_waiting", "sheafline_events_total",
          "sheafline_sink_lag{sink=\"sse\"}"}) {
        INFO(name << '\n' << reply.body);
        CHECK(values.contains(name));
    }
    for (const char* name :
         {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
          "process_threads", "sheafline_disk_free_bytes", "sheafline_disk_size_bytes",
          "sheafline_sheets_waiting", "sheafline_sign_ins_failed_total",
          "sheafline_http_seconds_bucket{le=\"+Inf\"}", "sheafline_http_seconds_count"}) {
        INFO(name << '\n' << reply.body);
        CHECK(values.contains(name));
    }
    CHECK(values["sheafline_uploads_open"] == "1");
    CHECK(values["sheafline_upload_bytes_total"] == "10");
    CHECK(values["sheafline_batches{state=\"completed\"}"] == "1");
    CHECK(values["sheafline_batches_running"] == "1");
}

TEST_CASE("metrics count answers by the pattern of their route, and rejected sign-ins") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    server.stream(id, admin);
    for (int i = 0; i < 3; ++i) server.client().get(at(id, "/status"), admin);
    server.client().get("/no/such/path", admin);
    server.login("admin", "a wrong password");
    server.login("nobody", "a wrong password");
    std::string text;
    const auto has = [&](const std::string& line) {
        return text.find("\n" + line + "\n") != std::string::npos;
    };
    // An answer is counted just after its client has it.
    eventually([&] {
        text = server.client().get("/metrics").body;
        return has("sheafline_sign_ins_failed_total 2");
    });
    INFO(text);
    const std::string answers = "sheafline_http_answers_total";
    CHECK(has(answers + R"({route="/api/batches/{id}/status",method="GET",status="200"} 3)"));
    CHECK(has(answers + R"({route="/api/auth/login",method="POST",status="200"} 1)"));
    CHECK(has(answers + R"({route="/api/auth/login",method="POST",status="401"} 2)"));
    CHECK(has(answers + R"({route="other",method="GET",status="404"} 1)"));
    CHECK(has("sheafline_sign_ins_failed_total 2"));
    CHECK(text.find(id) == std::string::npos);  // no label for each batch
    CHECK(text.find("sheafline_build_info{version=\"") != std::string::npos);
}

TEST_CASE("metrics have a histogram of the time of each stage") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    server.stream(server.create("squares", admin), admin);
    server.stream(server.create("fails", admin), admin);
    std::string text;
    const auto has = [&](const std::string& line) {
        return text.find("\n" + line + "\n") != std::string::npos;
    };
    const auto count_of = [](const std::string& stage) {
        return "sheafline_stage_seconds_count{stage=\"" + stage + "\"} ";
    };
    CHECK(eventually([&] {
        text = server.client().get("/metrics").body;
        return has(count_of("generating_csv") + "1") && has(count_of("probing") + "2");
    }));
    INFO(text);
    CHECK(has(R"(sheafline_stage_seconds_bucket{stage="processing_sheets",le="+Inf"} 1)"));
    CHECK(has(R"(sheafline_stage_seconds_bucket{stage="processing_sheets",le="86400"} 1)"));
    CHECK(has("sheafline_workers_connected 0"));
}

TEST_CASE("the alert rules and the dashboard use metrics that the server has") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    server.stream(server.create("squares", admin), admin);
    const std::string waiting = server.create("waits", admin);
    std::string text;
    REQUIRE(eventually([&] {
        text = server.client().get("/metrics").body;
        return text.find("sheafline_stages_running{") != std::string::npos;
    }));
    const std::regex metric("(sheafline|process)_[a-z_]+");
    int used = 0;
    for (const char* name :
         {"deploy/prometheus/sheafline.rules.yml", "deploy/grafana/sheafline.json"}) {
        std::stringstream file;
        file << std::ifstream(std::filesystem::path(SHEAFLINE_SOURCE_DIR) / name).rdbuf();
        std::string line;
        while (std::getline(file, line)) {
            if (line.find("expr") == std::string::npos) continue;
            for (std::sregex_iterator it(line.begin(), line.end(), metric), end; it != end; ++it) {
                INFO(name << ": " << it->str() << '\n' << text);
                CHECK(text.find("\n" + it->str()) != std::string::npos);
                ++used;
            }
        }
    }
    CHECK(used > 15);
}

TEST_CASE("SIGHUP reads the pipelines and the number of running batches again") {
    const Site site;
    site.folder.write("serve.conf", "max-running = 1\n");
    RunningServer server(site, "0", {}, {"--config", "serve.conf"});
    const Headers admin = server.signInAdmin();
    const auto names = [&] { return server.client().get("/api/pipelines", admin).body; };
    CHECK(names().find("\"added\"") == std::string::npos);
    site.folder.write("pipelines/added.yaml",
                      "name: added\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n");
    site.folder.write("pipelines/broken.yaml", "name: broken\nstages: [\n");
    server.program().signal(SIGHUP);
    REQUIRE(eventually([&] { return names().find("\"added\"") != std::string::npos; }));
    CHECK(names().find("\"squares\"") != std::string::npos);
    CHECK(names().find("\"broken\"") == std::string::npos);

    const auto running = [&](const char* count) {
        return eventually([&] {
            const std::string line = std::string("\nsheafline_batches_running ") + count + '\n';
            return server.client().get("/metrics").body.find(line) != std::string::npos;
        });
    };
    for (int i = 0; i < 2; ++i) server.create("added", admin);
    CHECK(running("1"));
    site.folder.write("serve.conf", "max-running = two\n");  // changes nothing
    server.program().signal(SIGHUP);
    CHECK(server.program()
              .waitForLineAfter("the configuration is not changed: ")
              .find("max-running") != std::string::npos);
    CHECK(running("1"));
    site.folder.write("serve.conf", "max-running = 2\n");
    server.program().signal(SIGHUP);
    server.program().waitForLineAfter("the configuration was read again");
    CHECK(running("1"));  // both batches are of one user
    site.folder.write("serve.conf", "max-running = 2\nuser-running = 2\n");
    server.program().signal(SIGHUP);
    CHECK(running("2"));
}

TEST_CASE("only pipelines of the folder and listed sinks are used") {
    const Site site;
    site.folder.write("outside.yaml",
                      "name: outside\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n");
    site.folder.write(
        "pipelines/sinking.yaml",
        "name: sinking\nstages:\n  - {id: a, uses: probe, with: {act: sheets, count: 1}}\n"
        "sinks:\n  - {uses: jsonl, with: {file: events.jsonl}}\n"
        "  - {uses: console}\n");
    RunningServer server(site, "0", {{"SHEAFLINE_LOG_LEVEL", "info"}});
    const Headers admin = server.signInAdmin();
    for (const char* name : {"outside", "../outside", "outside.yaml", "../outside.yaml",
                             "/etc/passwd", "pipelines/squares.yaml", ""}) {
        const Reply reply =
            server.post("/api/batches", R"({"pipeline":")" + std::string(name) + R"("})", admin);
        INFO(name << ' ' << reply.body);
        CHECK(reply.status == 422);
    }
    const std::string id = server.create("sinking", admin);
    CHECK(server.stream(id, admin).back().name == "complete");
    server.program().signal(SIGTERM);
    const ProgramResult result = server.program().wait();
    CHECK(result.err.find("the sink 'console' of its pipeline is not among pipeline-sinks") !=
          std::string::npos);
    CHECK(result.err.find("the sink 'jsonl'") == std::string::npos);
}

TEST_CASE("an ended batch is removed with its files after its retention time") {
    const Site site;
    auto server = std::make_unique<RunningServer>(site);
    const std::string password = server->firstPassword();
    Headers admin = server->signInAdmin();
    const std::string old = server->create("squares", admin);
    const std::string young = server->create("squares", admin);
    for (const std::string& id : {old, young}) server->stream(id, admin);
    server->program().signal(SIGTERM);
    CHECK(server->program().wait().status == 0);
    sqlite3* history = nullptr;
    REQUIRE(sqlite3_open((site.folder / "sheafline-data/history.db").c_str(), &history) ==
            SQLITE_OK);
    const std::string aged =
        "UPDATE batches SET finished_at = '2020-01-01T00:00:00Z' WHERE batch_id = '" + old + "'";
    CHECK(sqlite3_exec(history, aged.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(history);
    const auto folder = site.folder / "sheafline-data/batches" / old;
    CHECK(std::filesystem::exists(folder));
    server = std::make_unique<RunningServer>(
        site, "0", std::map<std::string, std::string>{{"SHEAFLINE_KEEP_DAYS", "30"}});
    admin = server->signIn("admin", password);
    CHECK(eventually([&] { return server->client().get(at(old, ""), admin).status == 404; }));
    CHECK(eventually([&] { return !std::filesystem::exists(folder); }));
    CHECK(server->client().get(at(young, ""), admin).status == 200);
}

TEST_CASE("a request keeps a safe X-Request-Id and gets a new one otherwise") {
    const Site site;
    const RunningServer server(site);
    const auto id_of = [&](const std::string& sent) {
        return server.client().get("/healthz", {{"X-Request-Id", sent}}).headers.at("x-request-id");
    };
    CHECK(id_of("job-7.a_B") == "job-7.a_B");
    CHECK(id_of(std::string(64, 'x')) == std::string(64, 'x'));
    for (const std::string& unsafe : {std::string(65, 'x'), std::string("a b"),
                                      std::string("a;b=\x1b[0m"), std::string("\xc3\xa4")}) {
        INFO(unsafe);
        CHECK(id_of(unsafe) != unsafe);
    }
}

TEST_CASE("an unknown field of a JSON body is rejected by name") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("squares", admin);
    REQUIRE(server.waitForStage(id, "completed", admin));
    for (const auto& [path, json, field] :
         std::vector<std::tuple<std::string, std::string, std::string>>{
             {"/api/batches", R"({"pipeline":"squares","prams":{}})", "prams"},
             {"/api/users", R"({"user":"eve","password":"a long password","rolle":"viewer"})",
              "rolle"},
             {at(id, "/sheets/1/fix"), R"({"discrad":true})", "discrad"}}) {
        const Reply reply = server.post(path, json, admin);
        INFO(path << ' ' << reply.body);
        CHECK(reply.status == 422);
        CHECK(reply.body.find("unknown field '" + field + "'; did you mean") != std::string::npos);
    }
}
