// Uploads whose requests reach several servers: each store here is one server, with its own
// connection to one database and the same folder.
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "history_place.h"
#include "memory_log.h"
#include "upload_bytes.h"
#include "uploads/upload_store.h"

namespace fs = std::filesystem;
using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kOwner = "ann";

struct Servers {
    TemporaryFolder folder{};
    UploadLimits limits{.user_bytes = 10'000,
                        .user_open = 3,
                        .reserve_bytes = 0,
                        .slice_bytes = 1000,
                        .sync_bytes = 100,
                        .patience_ms = 60'000};
    MemoryLog log{};
    std::vector<std::unique_ptr<UploadStore>> stores{};

    Servers() {
        historyServer().query("DROP SCHEMA IF EXISTS sheafline CASCADE");
        for (const char* name : {"a", "b"}) stores.push_back(opened(name));
    }
    std::unique_ptr<UploadStore> opened(const std::string& name) {
        return std::make_unique<UploadStore>(
            folder / "uploads", limits,
            UploadClocks{.wall_seconds = [] { return 1; }, .steady_ms = [] { return 0; }},
            [](const std::string&, const UploadChunk&) {}, log, [] { return 1'000'000'000; },
            std::make_unique<SharedUploads>(historyServer().url(), name));
    }
    UploadStore& a() { return *stores[0]; }
    UploadStore& b() { return *stores[1]; }

    static UploadOutcome create(UploadStore& server, const std::string& id, std::uint64_t length) {
        return server.create({.id = id, .owner = kOwner, .length = length}, {}).outcome;
    }
    static UploadResult append(UploadStore& server, const std::string& id, std::uint64_t offset,
                               const std::string& bytes) {
        AppendStart start = server.append(id, kOwner, {.offset = offset});
        if (!start.session) return start.result;
        start.session->write(bytes);
        return start.session->finish();
    }
    std::string stored(const std::string& id) const {
        return folder.read("uploads/" + id + "/part");
    }
};

// A request that has sent some bytes, and whose client is silent until it is asked to stop.
class Silent {
 public:
    Silent(UploadStore& server, const std::string& id, const std::string& bytes)
        : thread_([this, &server, id, bytes] {
              AppendStart start = server.append(id, kOwner, {});
              start.session->write(bytes);
              const std::stop_callback wake(start.session->stop(), [this] { tell(stopped_); });
              tell(written_);
              wait(stopped_);
              outcome = start.session->write(std::string_view("never stored"));
              start.session->finish();
          }) {
        wait(written_);
    }
    std::atomic<UploadOutcome> outcome{UploadOutcome::ok};
    void join() { thread_.join(); }

 private:
    void tell(bool& event) {
        const std::lock_guard lock(mutex_);
        event = true;
        changed_.notify_all();
    }
    void wait(const bool& event) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return event; });
    }

    std::mutex mutex_{};
    std::condition_variable changed_{};
    bool written_ = false;  // guarded by mutex_
    bool stopped_ = false;  // guarded by mutex_
    std::jthread thread_;
};

// A server in its own process, in the middle of a request for the upload `b1`.
int startWriter(const fs::path& folder, std::uint64_t length) {
    const int pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        const std::string program = SHEAFLINE_BINARY_DIR "/bin/upload_writer";
        const std::string bytes = std::to_string(length);
        ::execl(program.c_str(), program.c_str(), folder.c_str(), "1", bytes.c_str(), bytes.c_str(),
                historyServer().url().c_str(), nullptr);
        ::_exit(127);
    }
    const auto begun = [] {
        const std::string durable = historyServer().query("SELECT durable FROM sheafline.uploads");
        return !durable.empty() && durable != "0";
    };
    while (!begun()) REQUIRE(::waitpid(pid, nullptr, WNOHANG) == 0);
    return pid;
}

}  // namespace

TEST_CASE("a server that is killed or stopped in a request loses the upload after its lease",
          "[postgresql]") {
    constexpr std::uint64_t kLength = 60'000'000;
    for (const int signal : {SIGKILL, SIGSTOP}) {
        INFO("signal " << signal);
        Servers servers;
        servers.limits.user_bytes = 2 * kLength;
        servers.stores[1] = servers.opened("b");
        const int pid = startWriter(servers.folder.path(), kLength);
        ::kill(pid, signal);
        const std::uint64_t offset = servers.b().head("b1", kOwner).offset;
        CHECK(offset > 0);
        CHECK(offset < kLength);
        // Other bytes, so that what the first server writes late would be seen.
        const std::string rest = uploadBytes(2, offset, kLength - offset);
        const UploadResult at = Servers::append(servers.b(), "b1", offset, rest);
        CHECK(codeOf(at.outcome) == "OK");
        CHECK(at.offset == kLength);
        ::kill(pid, SIGCONT);
        int status = 0;
        ::waitpid(pid, &status, 0);
        if (signal == SIGSTOP) CHECK(WEXITSTATUS(status) == 4);  // its request was taken over
        const bool same = servers.stored("b1") == uploadBytes(1, 0, offset) + rest;
        CHECK(same);
    }
}

TEST_CASE("the requests of one upload alternate between two servers", "[postgresql]") {
    Servers servers;
    const std::string bytes = uploadBytes(1, 0, 1000);
    REQUIRE(Servers::create(servers.a(), "u", 1000) == UploadOutcome::ok);
    for (std::uint64_t at = 0; at < 1000; at += 100) {
        UploadStore& server = at % 200 == 0 ? servers.b() : servers.a();
        CHECK(Servers::append(server, "u", at, bytes.substr(at, 100)).offset == at + 100);
        CHECK(servers.a().head("u", kOwner).offset == at + 100);
        CHECK(servers.b().head("u", kOwner).offset == at + 100);
    }
    CHECK(servers.a().isWhole("u"));
    CHECK(servers.a().head("u", "bob").outcome == UploadOutcome::not_found);
    CHECK(servers.b().handOver("u", servers.folder / "archive").outcome == UploadOutcome::ok);
    CHECK(servers.folder.read("archive") == bytes);
    CHECK(servers.a().handOver("u", servers.folder / "archive").outcome == UploadOutcome::ok);
    CHECK(servers.a().completed().empty());
}

TEST_CASE("a client that comes back on another server takes over from its dead connection",
          "[postgresql]") {
    Servers servers;
    const std::string bytes = uploadBytes(1, 0, 1000);
    for (const std::string call : {"HEAD", "PATCH", "DELETE"}) {
        INFO(call);
        REQUIRE(Servers::create(servers.a(), call, 1000) == UploadOutcome::ok);
        Silent dead(servers.a(), call, bytes.substr(0, 450));
        if (call == "HEAD") CHECK(servers.b().head(call, kOwner).offset == 450);
        if (call == "PATCH") {
            CHECK(Servers::append(servers.b(), call, 450, bytes.substr(450)).complete);
        }
        if (call == "DELETE") CHECK(servers.b().remove(call, kOwner).outcome == UploadOutcome::ok);
        dead.join();
        CHECK(dead.outcome == UploadOutcome::interrupted);
        if (call == "DELETE") {
            CHECK(servers.a().head(call, kOwner).outcome == UploadOutcome::not_found);
            CHECK_FALSE(fs::exists(servers.folder / "uploads/DELETE"));
            continue;
        }
        if (call == "HEAD")
            CHECK(Servers::append(servers.b(), call, 450, bytes.substr(450)).complete);
        CHECK(servers.stored(call) == bytes);
    }
}

TEST_CASE("a request that was taken over without an answer stores nothing more", "[postgresql]") {
    Servers servers;
    const std::string bytes = uploadBytes(1, 0, 300);
    REQUIRE(Servers::create(servers.a(), "u", 300) == UploadOutcome::ok);
    AppendStart slow = servers.a().append("u", kOwner, {});
    REQUIRE(slow.session->write(bytes.substr(0, 100)) == UploadOutcome::ok);
    // As if server a had been stopped for one lease.
    historyServer().query("UPDATE sheafline.uploads SET held_until = '-infinity'");
    CHECK(Servers::append(servers.b(), "u", 100, bytes.substr(100, 100)).offset == 200);
    slow.session->write(std::string_view(bytes).substr(100, 100));
    CHECK(slow.session->finish().outcome == UploadOutcome::interrupted);
    CHECK(servers.a().head("u", kOwner).offset == 200);
    CHECK(Servers::append(servers.b(), "u", 200, bytes.substr(200)).complete);
    CHECK(servers.stored("u") == bytes);
}

TEST_CASE("an upload of a killed server continues on another one after its lease", "[postgresql]") {
    Servers servers;
    const std::string bytes = uploadBytes(1, 0, 300);
    REQUIRE(Servers::create(servers.b(), "u", 300) == UploadOutcome::ok);
    // What a server leaves that was killed in a request: the lock, and bytes that are not durable.
    REQUIRE(Servers::append(servers.a(), "u", 0, bytes.substr(0, 100)).offset == 100);
    servers.folder.write("uploads/u/part", bytes.substr(0, 100) + std::string(50, '?'));
    historyServer().query(
        "UPDATE sheafline.uploads SET holder = 'dead', epoch = epoch + 1, held_until = "
        "clock_timestamp() + interval '1 second'");
    CHECK(servers.b().head("u", kOwner).offset == 100);
    CHECK(Servers::append(servers.b(), "u", 100, bytes.substr(100)).complete);
    CHECK(servers.stored("u") == bytes);
}

TEST_CASE("the quota of a user counts the uploads of all servers", "[postgresql]") {
    Servers servers;
    CHECK(Servers::create(servers.a(), "u1", 9'000) == UploadOutcome::ok);
    CHECK(Servers::create(servers.b(), "u2", 2'000) == UploadOutcome::over_quota);
    CHECK(Servers::create(servers.b(), "u2", 10) == UploadOutcome::ok);
    CHECK(Servers::create(servers.a(), "u3", 10) == UploadOutcome::ok);
    CHECK(Servers::create(servers.b(), "u4", 10) == UploadOutcome::too_many);
    CHECK_FALSE(fs::exists(servers.folder / "uploads/u4"));
    CHECK(servers.b().usageOf(kOwner).open == 3);
    CHECK(servers.b().remove("u1", kOwner).outcome == UploadOutcome::ok);
    CHECK(servers.a().usageOf(kOwner).bytes == 20);
}

TEST_CASE("uploads that servers create at the same moment stay within the quota", "[postgresql]") {
    Servers servers;
    std::atomic<int> created = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&, i] {
                const auto outcome = Servers::create(i % 2 == 0 ? servers.a() : servers.b(),
                                                     "u" + std::to_string(i), 10);
                if (outcome == UploadOutcome::ok) ++created;
            });
        }
    }
    CHECK(created == 3);
    CHECK(servers.a().open() == 3);
}

TEST_CASE("a hand-over that a killed server did not note is completed by another one",
          "[postgresql]") {
    Servers servers;
    const std::string bytes = uploadBytes(1, 0, 300);
    REQUIRE(Servers::create(servers.a(), "u", 300) == UploadOutcome::ok);
    REQUIRE(Servers::append(servers.a(), "u", 0, bytes).complete);
    fs::rename(servers.folder / "uploads/u/part", servers.folder / "archive");
    CHECK(servers.b().completed().size() == 1);
    CHECK(servers.b().handOver("u", servers.folder / "archive").outcome == UploadOutcome::ok);
    CHECK(servers.b().completed().empty());
    CHECK(servers.folder.read("archive") == bytes);
}

TEST_CASE("a server that starts leaves the unfinished folder of another one", "[postgresql]") {
    Servers servers;
    fs::create_directories(servers.folder / "uploads/new");
    const auto third = servers.opened("c");
    third->sweep();
    CHECK(fs::exists(servers.folder / "uploads/new"));
    fs::last_write_time(servers.folder / "uploads/new",
                        fs::file_time_type::clock::now() - std::chrono::hours(25));
    third->sweep();
    CHECK_FALSE(fs::exists(servers.folder / "uploads/new"));
}

TEST_CASE("an upload that a killed server had not added yet is created by another one",
          "[postgresql]") {
    Servers servers;
    fs::create_directories(servers.folder / "uploads/u");
    servers.folder.write("uploads/u/part", "");
    const std::string bytes = uploadBytes(1, 0, 300);
    REQUIRE(Servers::create(servers.b(), "u", 300) == UploadOutcome::ok);
    CHECK(Servers::create(servers.a(), "u", 300) == UploadOutcome::exists);
    CHECK(Servers::append(servers.a(), "u", 0, bytes).complete);
    CHECK(servers.stored("u") == bytes);
    // One that is refused leaves the folder to the sweep: its server may still be at work.
    fs::create_directories(servers.folder / "uploads/large");
    CHECK(Servers::create(servers.b(), "large", 20'000) == UploadOutcome::over_quota);
    CHECK(fs::exists(servers.folder / "uploads/large"));
}
