#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "temporary_folder.h"

using namespace sheafline;

namespace {

template <typename Work>
std::string codeOf(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    return "none";
}

// Runs one hidden case of this program with a fault, because a process reads its faults only once.
int runCase(const std::string& tag, const std::string& fault) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string command =
        "SHEAFLINE_FAULT=" + fault + " '" + program + "' '" + tag + "' > /dev/null";
    return std::system(command.c_str());  // NOLINT(cert-env33-c): a shell sets the variable
}

// Files may not grow beyond `bytes` while this object lives; the write fails instead.
class FileSizeLimit {
 public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("a durable file that failed an fsync", "[.][failed-fsync]") {
    const TemporaryFolder folder;
    DurableFile file(folder / "x.csv");
    file.write("hello\n");
    CHECK(codeOf([&] { file.sync(); }) == "DISK_IO");
    CHECK(codeOf([&] { file.publish(); }) == "FILE_GIVEN_UP");
    CHECK(codeOf([&] { file.sync(); }) == "FILE_GIVEN_UP");
    CHECK(codeOf([&] { file.write("more"); }) == "FILE_GIVEN_UP");
    CHECK_FALSE(std::filesystem::exists(folder / "x.csv"));
}

TEST_CASE("a durable file whose publish failed", "[.][failed-publish]") {
    const TemporaryFolder folder;
    DurableFile file(folder / "x.csv");
    file.write("hello\n");
    CHECK(codeOf([&] { file.publish(); }) == "DISK_IO");
    CHECK(codeOf([&] { file.publish(); }) == "FILE_GIVEN_UP");
}

TEST_CASE("after a failed fsync or rename a durable file rejects every further call") {
    CHECK(runCase("[failed-fsync]", "file.fsync:1:eio") == 0);
    CHECK(runCase("[failed-publish]", "file.fsync:1:eio") == 0);
    CHECK(runCase("[failed-publish]", "file.rename:1:eio") == 0);
    CHECK(runCase("[failed-publish]", "no.such.point:1:eio") != 0);  // the case can fail
}

TEST_CASE("after a failed write a durable file cannot be published") {
    const TemporaryFolder folder;
    DurableFile file(folder / "x.csv");
    {
        const FileSizeLimit limit(4);
        CHECK(codeOf([&] { file.write("hello\n"); }) != "none");
    }
    CHECK(codeOf([&] { file.write("hello\n"); }) == "FILE_GIVEN_UP");
    CHECK(codeOf([&] { file.publish(); }) == "FILE_GIVEN_UP");
    CHECK_FALSE(std::filesystem::exists(folder / "x.csv"));
}

TEST_CASE("a durable file is published once") {
    const TemporaryFolder folder;
    DurableFile file(folder / "x.csv");
    file.write("hello\n");
    file.publish();
    CHECK(folder.read("x.csv") == "hello\n");
    CHECK(codeOf([&] { file.publish(); }) == "FILE_PUBLISHED");
    CHECK(codeOf([&] { file.write("more"); }) == "FILE_PUBLISHED");
}

TEST_CASE("a durable file keeps the bytes of its checkpoint and rejects a file that lacks them") {
    const TemporaryFolder folder;
    folder.write("x.csv.tmp", "hello, world");
    {
        DurableFile file(folder / "x.csv", 5);
        file.write("!");
        CHECK(file.size() == 6);
        file.publish();
    }
    CHECK(folder.read("x.csv") == "hello!");
    folder.write("y.csv.tmp", "abc");
    CHECK_THROWS_WITH(DurableFile(folder / "y.csv", 4),
                      Catch::Contains("y.csv.tmp has 3 bytes, but its checkpoint says 4"));
}

TEST_CASE("folders are created with all their parents, and again without an error") {
    const TemporaryFolder folder;
    createFolders(folder / "a/b/c");
    createFolders(folder / "a/b/c");
    CHECK(std::filesystem::is_directory(folder / "a/b/c"));
    folder.write("file", "x");
    CHECK_THROWS(createFolders(folder / "file/below"));
}
