// The sink `webhook` against a receiver that fails, hangs and restarts.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "child_server.h"
#include "plugin_under_test.h"
#include "program.h"
#include "public_address.h"
#include "temporary_folder.h"
#include "tls_certificates.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kSecret = "a secret of the test";
constexpr const char* kScript = SHEAFLINE_SOURCE_DIR "/tests/plugins/sinks/webhook_receiver.py";

class Receiver {
 public:
    explicit Receiver(const TlsCertificates* tls = nullptr) : port_(freePort()), tls_(tls) {
        does("accept");
        start();
    }

    void does(const std::string& mode) const { folder_.write("mode", mode); }
    void start() {
        std::vector<std::string> words{"python3", kScript, std::to_string(port_),
                                       folder_.path().string()};
        if (tls_ != nullptr) {
            words.push_back(tls_->file("server.pem"));
            words.push_back(tls_->file("server.key"));
        }
        server_ = std::make_unique<ChildServer>(words, "ready");
        REQUIRE(server_->ready());
    }
    void stop() { server_.reset(); }

    std::string url(const std::string& host = "127.0.0.1") const {
        return (tls_ == nullptr ? "http://" : "https://") + host + ":" + std::to_string(port_) +
               "/hook?key=1";
    }
    std::string events() const { return folder_.read("events"); }
    // The ids of the accepted events, as often as they were accepted.
    std::vector<std::string> ids() const {
        std::istringstream lines(events());
        std::vector<std::string> all;
        for (std::string line; std::getline(lines, line);)
            all.push_back(line.substr(0, line.find(' ')));
        return all;
    }
    std::size_t attempts() const { return countOf(folder_.read("attempts"), "\n"); }
    bool wasAskedByGet() const { return !folder_.read("gets").empty(); }

 private:
    const TemporaryFolder folder_{};
    const int port_;
    const TlsCertificates* tls_;
    std::unique_ptr<ChildServer> server_{};
};

CommittedEvent event(const std::string& batch, std::uint64_t seq, const std::string& stage) {
    return {.event_id = static_cast<std::int64_t>(seq),
            .batch_id = batch,
            .seq = seq,
            .json = R"({"stage":")" + stage + R"(","message":"ä \"completed\"","batch_id":")" +
                    batch + R"("})"};
}

std::unique_ptr<Sink> sinkFor(const std::string& url, std::map<std::string, std::string> more) {
    more.emplace("allow_private", "true");
    more.emplace("timeout", "500ms");
    ParamValues params{{"url", {.text = url}}};
    for (const auto& [name, text] : more) params[name] = {.text = text};
    return makeSink("webhook", std::move(params));
}

void deliver(Sink& sink, const std::vector<CommittedEvent>& events) { sink.deliver(events); }

// The code of the error that a delivery ends with; empty without one.
std::string codeOf(Sink& sink, const std::vector<CommittedEvent>& events) {
    try {
        sink.deliver(events);
    } catch (const Error& error) {
        INFO(error.what());
        CHECK((error.errorClass() == ErrorClass::transient || error.code() == "WEBHOOK_URL"));
        return error.code();
    }
    return "";
}

}  // namespace

TEST_CASE("webhook posts the last event of each batch, and signs it") {
    const Receiver receiver;
    const auto sink = sinkFor(receiver.url(), {{"secret", kSecret}});
    deliver(*sink, {event("a", 1, "queued"), event("a", 2, "completed"), event("b", 7, "failed")});
    deliver(*sink, {event("c", 3, "cancelled"), event("d", 1, "extracting")});
    CHECK(receiver.events() == "a/2 valid " + event("a", 2, "completed").json + "\nb/7 valid " +
                                   event("b", 7, "failed").json + "\nc/3 valid " +
                                   event("c", 3, "cancelled").json + "\n");
}

TEST_CASE("webhook posts every event if it is asked to, and signs nothing without a secret") {
    const Receiver receiver;
    const auto sink = sinkFor(receiver.url(), {{"events", "all"}});
    deliver(*sink, {event("a", 1, "queued"), event("a", 2, "completed")});
    CHECK(receiver.ids() == std::vector<std::string>{"a/1", "a/2"});
    CHECK(countOf(receiver.events(), " unsigned ") == 2);
}

TEST_CASE("webhook sends again what the receiver did not accept, and only that") {
    const Receiver receiver;
    const auto sink = sinkFor(receiver.url(), {{"events", "all"}});
    const std::vector<CommittedEvent> events{event("a", 1, "queued"), event("a", 2, "completed")};
    deliver(*sink, {events[0]});
    const std::string mode =
        GENERATE(std::string("reject 500"), std::string("reject 404"), std::string("hang"));
    CAPTURE(mode);
    receiver.does(mode);
    const std::string code = mode == "hang" ? "WEBHOOK_UNREACHABLE" : "WEBHOOK_REJECTED";
    CHECK(codeOf(*sink, {event("a", 2, "x"), event("a", 3, "x")}) == code);
    receiver.does("accept");
    CHECK(codeOf(*sink, {event("a", 2, "x"), event("a", 3, "x")}).empty());
    CHECK(receiver.ids() == std::vector<std::string>{"a/1", "a/2", "a/3"});
}

TEST_CASE("webhook does not repeat what was accepted before a failure in the same delivery") {
    const Receiver receiver;
    const auto sink = sinkFor(receiver.url(), {{"events", "all"}});
    receiver.does("drop");  // stored, but without an answer: it is sent a second time
    CHECK(codeOf(*sink, {event("a", 1, "x"), event("a", 2, "x")}) == "WEBHOOK_UNREACHABLE");
    receiver.does("accept");
    CHECK(codeOf(*sink, {event("a", 1, "x"), event("a", 2, "x")}).empty());
    CHECK(receiver.ids() == std::vector<std::string>{"a/1", "a/1", "a/2"});
}

TEST_CASE("webhook sends nothing to a private address unless it is allowed") {
    const Receiver receiver;
    for (const std::string host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"}) {
        CAPTURE(host);
        const auto sink = sinkFor(receiver.url(host), {{"allow_private", "false"}});
        const std::string code = codeOf(*sink, {event("a", 1, "completed")});
        CHECK((code == "WEBHOOK_ADDRESS" || code == "WEBHOOK_UNREACHABLE"));
        CHECK(receiver.attempts() == 0);
    }
    // A receiver on the public internet could send it there by a redirect.
    receiver.does("redirect " + receiver.url());
    const auto sink = sinkFor(receiver.url(), {});
    CHECK(codeOf(*sink, {event("a", 1, "completed")}) == "WEBHOOK_REJECTED");
    CHECK(receiver.attempts() == 1);
    CHECK_FALSE(receiver.wasAskedByGet());
}

TEST_CASE("webhook knows private addresses in all their forms") {
    for (const char* address : {"127.0.0.1",
                                "127.255.0.3",
                                "0.0.0.0",
                                "10.1.2.3",
                                "100.64.0.1",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.168.1.1",
                                "192.0.0.8",
                                "198.18.0.1",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "fe80::1",
                                "fe80::1%lo",
                                "fc00::1",
                                "fd12::1",
                                "ff02::1",
                                "::ffff:10.0.0.1",
                                "::ffff:127.0.0.1",
                                "64:ff9b::10.0.0.1",
                                "64:ff9b:1::1",
                                "2002:7f00:1::",
                                "2001:db8::1",
                                "2001::1",
                                "::127.0.0.1",
                                "not an address",
                                ""}) {
        CAPTURE(address);
        CHECK_FALSE(webhook::isPublicAddress(address));
    }
    for (const char* address : {"1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1",
                                "100.63.0.1", "100.128.0.1", "192.167.1.1", "223.255.255.1",
                                "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"}) {
        CAPTURE(address);
        CHECK(webhook::isPublicAddress(address));
    }
}

TEST_CASE("webhook rejects a URL that it cannot use") {
    for (const char* url : {"ftp://example.org/", "example.org", "http://",
                            "http://u:p@example.org/", "http://example.org:99999/"}) {
        CAPTURE(url);
        const auto sink = sinkFor(url, {});
        CHECK(codeOf(*sink, {event("a", 1, "completed")}) == "WEBHOOK_URL");
    }
}

TEST_CASE("webhook checks the certificate of an https receiver") {
    const TlsCertificates tls;
    const TlsCertificates other_name("DNS:other.example");
    const Receiver receiver(&tls);
    const auto trusting = sinkFor(receiver.url(), {{"ca_file", tls.file("ca.pem")}});
    CHECK(codeOf(*trusting, {event("a", 1, "completed")}).empty());
    const auto machine = sinkFor(receiver.url(), {});
    CHECK(codeOf(*machine, {event("a", 2, "completed")}) == "WEBHOOK_UNREACHABLE");
    const auto another = sinkFor(receiver.url(), {{"ca_file", tls.file("other-ca.pem")}});
    CHECK(codeOf(*another, {event("a", 2, "completed")}) == "WEBHOOK_UNREACHABLE");
    const Receiver wrong_name(&other_name);
    const auto strict = sinkFor(wrong_name.url(), {{"ca_file", other_name.file("ca.pem")}});
    CHECK(codeOf(*strict, {event("a", 2, "completed")}) == "WEBHOOK_UNREACHABLE");
    CHECK(receiver.ids() == std::vector<std::string>{"a/1"});
    CHECK(wrong_name.ids().empty());
}

TEST_CASE("each final event arrives once by its id, though receiver and server fail and restart") {
    const TemporaryFolder folder;
    Receiver receiver;
    folder.write("serve.conf", "pipeline-sinks = webhook\nlisten = 127.0.0.1:0\n");
    folder.write("hooked.yaml",
                 "name: hooked\nstages:\n  - {id: a, uses: probe, with: {act: sheets, count: 2}}\n"
                 "sinks:\n  - {uses: webhook, with: {url: \"" +
                     receiver.url() + "\", secret: \"" + kSecret +
                     "\", allow_private: true, timeout: 8s}}\n");
    std::set<std::string> batches;
    const auto run = [&](const std::string& id) {
        batches.insert(id);
        CHECK(runProgram(folder.path(), {"run", "hooked.yaml", "--batch-id", id}).status == 0);
    };
    const auto has = [&](const std::string& id) {
        const auto ids = receiver.ids();
        return std::ranges::any_of(ids, [&](const auto& one) { return one.starts_with(id + "/"); });
    };
    run("accepted");  // unless the machine is so slow that the program ends before the answer
    receiver.does("reject 503");
    run("rejected");
    receiver.does("hang");
    run("hung");
    receiver.stop();
    run("away");
    CHECK(batches.size() == 4);
    {
        // The batches have ended; the server continues with what was not accepted.
        const Program server(folder.path(), {"serve", "--config", "serve.conf"});
        REQUIRE(server.waitForOutput("listening on"));
        server.signal(SIGKILL);
    }
    receiver.does("accept");
    receiver.start();
    Program server(folder.path(), {"serve", "--config", "serve.conf"});
    REQUIRE(server.waitForOutput("listening on"));
    CHECK(eventually(
        [&] { return has("accepted") && has("rejected") && has("hung") && has("away"); }));
    server.signal(SIGTERM);
    const ProgramResult stopped = server.wait();
    INFO(stopped.err);
    CHECK(stopped.status == 0);
    {
        // What was accepted is not sent again.
        const std::size_t attempts = receiver.attempts();
        Program again(folder.path(), {"serve", "--config", "serve.conf"});
        REQUIRE(again.waitForOutput("listening on"));
        again.signal(SIGTERM);
        CHECK(again.wait().status == 0);
        CHECK(receiver.attempts() == attempts);
    }
    // An event whose answer came too late is sent again with the same id.
    std::map<std::string, int> times;
    const std::vector<std::string> ids = receiver.ids();
    for (const std::string& id : std::set<std::string>(ids.begin(), ids.end()))
        ++times[id.substr(0, id.find('/'))];
    CHECK(times ==
          std::map<std::string, int>{{"accepted", 1}, {"away", 1}, {"hung", 1}, {"rejected", 1}});
    CHECK(countOf(receiver.events(), " valid ") == ids.size());
}
