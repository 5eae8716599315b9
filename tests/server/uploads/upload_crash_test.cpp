// A process that is killed while it receives an upload.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "uploads_fixture.h"

using namespace sheafline;

namespace {

constexpr std::uint64_t kLength = 400'000;
constexpr std::uint64_t kPatch = 30'000;

struct Life {
    std::uint64_t acked = 0;  // the last offset that it acknowledged
    bool done = false;
    int signal = 0;
};

// Runs upload_writer; kills it after a number of lines if `fault` has not killed it before.
Life live(const std::filesystem::path& folder, std::uint64_t seed, int lines,
          const std::string& fault = "") {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const int pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        if (!fault.empty()) ::setenv("SHEAFLINE_FAULT", fault.c_str(), 1);
        const std::string program = SHEAFLINE_BINARY_DIR "/bin/upload_writer";
        ::execl(program.c_str(), program.c_str(), folder.c_str(), std::to_string(seed).c_str(),
                std::to_string(kLength).c_str(), std::to_string(kPatch).c_str(), nullptr);
        ::_exit(127);
    }
    ::close(pipe[1]);
    Life life;
    std::FILE* stream = ::fdopen(pipe[0], "r");
    std::array<char, 64> line{};
    for (int n = 0; std::fgets(line.data(), line.size(), stream) != nullptr; ++n) {
        if (n == lines) ::kill(pid, SIGKILL);
        life.done = std::string_view(line.data()) == "done\n";
        if (!life.done) life.acked = std::strtoull(line.data() + 6, nullptr, 10);
    }
    std::fclose(stream);
    int status = 0;
    ::waitpid(pid, &status, 0);
    life.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return life;
}

// What the next start after the crash finds.
void checkAfter(UploadsFixture& uploads, const Life& life, std::uint64_t seed) {
    uploads.now = 1;
    uploads.restart();
    const UploadResult at = uploads.head("b1");
    if (at.outcome == UploadOutcome::not_found) {
        CHECK(life.acked == 0);
        return;
    }
    CHECK(at.offset >= life.acked);
    CHECK(at.offset <= kLength);
    const auto archive = uploads.folder / "archive.zip";
    const std::string bytes = std::filesystem::exists(archive) ? uploads.folder.read("archive.zip")
                                                               : uploads.stored("b1");
    CHECK(bytes.substr(0, at.offset) == uploadBytes(seed, 0, at.offset));
    uploads.store.reset();
}

}  // namespace

TEST_CASE_METHOD(UploadsFixture, "a kill at any time costs no acknowledged byte", "[F64][sqlite]") {
    std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): repeatable
    std::uint64_t seed = 0;
    int kills = 0;
    while (kills < 40) {
        ++seed;
        std::filesystem::remove_all(folder / "uploads");
        std::filesystem::remove(folder / "archive.zip");
        for (Life life; !life.done;) {
            life = live(folder.path(), seed, static_cast<int>(random() % 6));
            kills += life.signal == SIGKILL ? 1 : 0;
            INFO("seed " << seed << ", acked " << life.acked);
            checkAfter(*this, life, seed);
        }
        CHECK(folder.read("archive.zip") == uploadBytes(seed, 0, kLength));
    }
}

TEST_CASE_METHOD(UploadsFixture, "a kill at every durable step is recovered from",
                 "[F64][sqlite]") {
    for (const std::string point :
         {"upload.create", "upload.write", "upload.fsync", "upload.mark", "upload.synced",
          "upload.handover", "upload.renamed", "file.rename"}) {
        const bool once = point == "upload.create" || point == "upload.handover" ||
                          point == "upload.renamed" || point == "file.rename";
        for (const char* passage : {":1:kill", ":7:kill"}) {
            if (once && passage[1] != '1') continue;
            const std::string fault = std::string(point).append(passage);
            INFO(fault);
            std::filesystem::remove_all(folder / "uploads");
            std::filesystem::remove(folder / "archive.zip");
            const Life life = live(folder.path(), 5, -1, fault);
            CHECK(life.signal == SIGKILL);
            checkAfter(*this, life, 5);
            CHECK(live(folder.path(), 5, -1).done);
            CHECK(folder.read("archive.zip") == uploadBytes(5, 0, kLength));
        }
    }
}

TEST_CASE_METHOD(UploadsFixture, "after a failed fsync the upload is given up, never asked again") {
    const Life life = live(folder.path(), 6, -1, "upload.fsync:3:eio");
    CHECK_FALSE(life.done);
    CHECK(life.acked <= 2 * kPatch);
    checkAfter(*this, life, 6);
}
