#include <csignal>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sink.h>

#include "plugin_under_test.h"
#include "temporary_folder.h"

using sheafline::CommittedEvent;
using sheafline::Sink;
using sheafline::TemporaryFolder;

namespace {

std::unique_ptr<Sink> openSink(const TemporaryFolder& folder) {
    return sheafline::test::makeSink("jsonl", {{"file", {.text = (folder / "e.jsonl").string()}}});
}

std::string json(const std::string& batch, int seq) {
    return R"({"stage":"extracting","message":"\"seq\":99,\n","batch_id":")" + batch +
           R"(","seq":)" + std::to_string(seq) + R"(,"attempt":1})";
}

CommittedEvent event(const std::string& batch, int seq) {
    return {.event_id = seq,
            .batch_id = batch,
            .seq = static_cast<std::uint64_t>(seq),
            .json = json(batch, seq)};
}

// Simulates a full disk: the file cannot grow beyond this size.
class FileSizeLimit {
 public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        static_cast<void>(std::signal(SIGXFSZ, handler_));
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

void deliver(Sink& sink, const std::vector<CommittedEvent>& events) { sink.deliver(events); }

}  // namespace

TEST_CASE("jsonl appends the bytes of each event as a line") {
    const TemporaryFolder folder;
    const auto sink = openSink(folder);
    deliver(*sink, {event("a", 1), event("b", 1)});
    deliver(*sink, {event("a", 2)});
    CHECK(folder.read("e.jsonl") ==
          json("a", 1) + "\n" + json("b", 1) + "\n" + json("a", 2) + "\n");
}

TEST_CASE("jsonl skips what the file holds already") {
    const TemporaryFolder folder;
    deliver(*openSink(folder), {event("a", 1), event("a", 2), event("b", 1)});
    const std::string before = folder.read("e.jsonl");
    deliver(*openSink(folder), {event("a", 1), event("a", 2), event("b", 1)});
    CHECK(folder.read("e.jsonl") == before);
    deliver(*openSink(folder), {event("a", 2), event("a", 3), event("a", 3)});
    CHECK(folder.read("e.jsonl") == before + json("a", 3) + "\n");
}

TEST_CASE("jsonl cuts off a last line that was torn") {
    const TemporaryFolder folder;
    folder.write("e.jsonl", json("a", 1) + "\n" + json("a", 2).substr(0, 90));
    deliver(*openSink(folder), {event("a", 1), event("a", 2)});
    CHECK(folder.read("e.jsonl") == json("a", 1) + "\n" + json("a", 2) + "\n");
}

TEST_CASE("jsonl rewrites everything from a line that a power cut damaged") {
    const TemporaryFolder folder;
    std::string torn = json("a", 2);
    torn.replace(20, 40, 40, '\0');
    folder.write("e.jsonl", json("a", 1) + "\n" + torn + "\n" + json("a", 3) + "\n");
    deliver(*openSink(folder), {event("a", 1), event("a", 2), event("a", 3)});
    CHECK(folder.read("e.jsonl") ==
          json("a", 1) + "\n" + json("a", 2) + "\n" + json("a", 3) + "\n");
}

TEST_CASE("two jsonl sinks may share a file") {
    const TemporaryFolder folder;
    const auto first = openSink(folder);
    const auto second = openSink(folder);
    deliver(*first, {event("a", 1)});
    deliver(*second, {event("a", 1), event("b", 1)});
    deliver(*first, {event("b", 1), event("a", 2)});
    CHECK(folder.read("e.jsonl") ==
          json("a", 1) + "\n" + json("b", 1) + "\n" + json("a", 2) + "\n");
}

TEST_CASE("a jsonl file that cannot be written is a transient error") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "e.jsonl");
    const auto sink = openSink(folder);
    try {
        deliver(*sink, {event("a", 1)});
        FAIL("nothing was thrown");
    } catch (const sheafline::Error& error) {
        CHECK(error.errorClass() == sheafline::ErrorClass::transient);
        CHECK(std::string(error.what()) ==
              "cannot open " + (folder / "e.jsonl").string() + ": Is a directory");
    }
    std::filesystem::remove(folder / "e.jsonl");
    deliver(*sink, {event("a", 1)});
    CHECK(folder.read("e.jsonl") == json("a", 1) + "\n");
}

TEST_CASE("jsonl removes an incomplete write and repeats it on the next call") {
    const TemporaryFolder folder;
    const auto sink = openSink(folder);
    deliver(*sink, {event("a", 1)});
    const std::string before = folder.read("e.jsonl");
    {
        const FileSizeLimit limit(before.size() + 40);
        CHECK_THROWS_AS(deliver(*sink, {event("a", 2)}), sheafline::Error);
        CHECK(folder.read("e.jsonl") == before);
    }
    deliver(*sink, {event("a", 2)});
    CHECK(folder.read("e.jsonl") == before + json("a", 2) + "\n");
}

TEST_CASE("jsonl requires a regular file") {
    const auto sink = sheafline::test::makeSink("jsonl", {{"file", {.text = "/dev/full"}}});
    CHECK_THROWS_WITH(deliver(*sink, {event("a", 1)}),
                      "/dev/full is not a regular file; name a regular file for jsonl");
}
