// The process of a batch whose owner is silent, with the test as its owner: the lease of the batch
// has run out, so another server may continue it.
#include <array>
#include <csignal>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/file_descriptor.h>
#include <sheafline/spawn.h>

#include "batch/batch_child.h"
#include "batch/lease/lease_watch.h"
#include "batch/owner_link.h"
#include "hanging_batch.h"
#include "postgres_server.h"
#include "process/process.h"
#include "process/process_guard.h"

using namespace sheafline;          // NOLINT(google-build-using-namespace)
using namespace sheafline::test;    // NOLINT(google-build-using-namespace)
using namespace sheafline::faults;  // NOLINT(google-build-using-namespace)

namespace {

// The batch process of a batch that was interrupted, with the programs that it has started.
class BatchProcess {
 public:
    enum class Owner { silent, alive };

    BatchProcess(std::int64_t epoch, Owner owner) : owner_(owner) {
        Program first(batch_.folder.path(), {"run", "p.yaml", "--batch-id", "b"});
        REQUIRE(batch_.allRun());
        first.signal(SIGKILL);
        first.wait();
        REQUIRE(batch_.allGone());
        start(epoch);
        owner_thread_ = std::jthread([this](const std::stop_token& stop) { answer(stop); });
        REQUIRE(batch_.allRun());
    }
    ~BatchProcess() {
        if (!ended()) ::kill(pid_, guardSignal());
        ::waitpid(pid_, nullptr, 0);
    }
    BatchProcess(const BatchProcess&) = delete;
    BatchProcess& operator=(const BatchProcess&) = delete;

    bool ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == pid_;
    }
    void stopOwner() {
        owner_thread_.request_stop();
        owner_thread_.join();
    }
    const Hanging& batch() const { return batch_; }
    std::string log() const {
        std::ifstream in(batch_.folder / "log");
        return {std::istreambuf_iterator<char>(in), {}};
    }

 private:
    void start(std::int64_t epoch) {
        std::array<int, 2> pair{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
        ours_ = FileDescriptor(pair[0]);
        const FileDescriptor theirs(pair[1]);
        const FileDescriptor log = openFile(batch_.folder / "log", O_CREAT | O_WRONLY);
        SpawnSpec spec{.arguments = {"sheafline"},
                       .program = SHEAFLINE_BINARY_DIR "/bin/sheafline",
                       .folder = batch_.folder.path(),
                       .errors = log.get(),
                       .socket = theirs.get(),
                       .own_group = true};
        const auto data = batch_.folder / "sheafline-data";
        const auto arguments = argumentsOf(
            {.data_folder = data,
             .work_folder = data / "work",
             .plugin_folders = {SHEAFLINE_BINARY_DIR "/plugins", SHEAFLINE_BINARY_DIR "/probes"},
             .batch_id = "b",
             .resumed_because = "a test",
             .epoch = epoch});
        spec.arguments.insert(spec.arguments.end(), arguments.begin(), arguments.end());
        pid_ = spawn(spec);
    }

    // Acknowledges every Change; an owner that is alive also renews the lease.
    void answer(const std::stop_token& stop) {
        constexpr std::chrono::milliseconds kOften{100};
        FrameReader frames(ours_.get());
        while (!stop.stop_requested()) {
            if (owner_ == Owner::alive)
                sendAlive(ours_.get(), std::chrono::steady_clock::now() + kLease);
            if (!waitReadable(ours_.get(), kOften)) continue;
            if (!frames.fill()) return;
            while (const auto frame = frames.take()) {
                if (frame->type != static_cast<std::uint8_t>(LinkFrame::change)) continue;
                const std::uint64_t id = WireReader(frame->payload).u64();
                sendFrame(ours_.get(), static_cast<std::uint8_t>(LinkFrame::ack),
                          WireWriter().u64(id).flag(false).bytes());
            }
        }
    }

    Hanging batch_{};
    const Owner owner_;
    FileDescriptor ours_{};
    pid_t pid_ = -1;
    std::jthread owner_thread_{};  // uses all of the above
};

}  // namespace

TEST_CASE("a batch process with a lease ends with its programs when its owner is silent") {
    const BatchProcess without_lease(0, BatchProcess::Owner::silent);
    const BatchProcess renewed(7, BatchProcess::Owner::alive);
    const auto started = LeaseWatch::Clock::now();
    const BatchProcess silent(7, BatchProcess::Owner::silent);
    REQUIRE(eventually([&] { return silent.ended(); }));
    CHECK(LeaseWatch::Clock::now() - started >= kLease);
    CHECK(silent.batch().allGone());
    CHECK(silent.log().find("did not renew the lease of the batch within 10 s") !=
          std::string::npos);
    CHECK_FALSE(without_lease.ended());
    CHECK_FALSE(without_lease.batch().programs().empty());
    CHECK_FALSE(renewed.ended());
    CHECK_FALSE(renewed.batch().programs().empty());
}

TEST_CASE("a process ends when its lease ends although it was extended before") {
    BatchProcess silent(7, BatchProcess::Owner::alive);
    REQUIRE_FALSE(silent.ended());
    silent.stopOwner();
    REQUIRE(eventually([&] { return silent.ended(); }));
    CHECK(silent.batch().allGone());
}

TEST_CASE(
    "the programs of a batch end when its server is stopped, unless one server has the history") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed");
        return;
    }
    const PostgresServer database;
    const Hanging shared;
    const Hanging alone;
    const std::vector<std::string> run{"run", "p.yaml", "--batch-id", "b"};
    std::vector<std::string> run_shared = run;
    run_shared.insert(run_shared.end(), {"--history", database.url()});
    const Program of_shared(shared.folder.path(), run_shared);
    const Program of_alone(alone.folder.path(), run);
    REQUIRE(shared.allRun());
    REQUIRE(alone.allRun());
    of_alone.signal(SIGSTOP);
    of_shared.signal(SIGSTOP);
    CHECK(shared.allGone());
    CHECK_FALSE(alone.programs().empty());
}
