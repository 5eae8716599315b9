#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <random>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/copy_file.h>
#include <sheafline/error.h>

#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::string randomBytes(std::size_t size) {
    std::mt19937 random(11);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

// From now on, the system call returns `error_number` to this thread only.
void failSystemCall(unsigned call, unsigned error_number) {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error_number & SECCOMP_RET_DATA)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{.len = 4, .filter = code};
    REQUIRE(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

}  // namespace

TEST_CASE("a file is copied whole between two file systems and within one") {
    const TemporaryFolder disk;
    const TemporaryFolder shm("/dev/shm");
    const std::string bytes = randomBytes(3'000'001);
    for (const TemporaryFolder* from : {&disk, &shm}) {
        for (const TemporaryFolder* to : {&disk, &shm}) {
            from->write("from", bytes);
            to->write("to", "what was there before");
            copyFile(*from / "from", *to / "to");
            CHECK(to->read("to") == bytes);
            CHECK(from->read("from") == bytes);
        }
    }
}

TEST_CASE("a copy does not depend on what the kernel can copy") {
    const TemporaryFolder folder;
    const std::string bytes = randomBytes(2'500'000);
    folder.write("from", bytes);
    const unsigned rejection = GENERATE(EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM);
    std::thread([&] {
        failSystemCall(__NR_copy_file_range, rejection);
        copyFile(folder.path() / "from", folder.path() / "to");
    }).join();
    CHECK(folder.read("to") == bytes);
}

TEST_CASE("a full disk is an error of the copy and not a reason for another try") {
    const TemporaryFolder folder;
    folder.write("from", "bytes");
    std::string code;
    std::thread([&] {
        failSystemCall(__NR_copy_file_range, ENOSPC);
        try {
            copyFile(folder.path() / "from", folder.path() / "to");
        } catch (const Error& error) {
            code = error.code() + ": " + error.what();
        }
    }).join();
    CHECK(code == "DISK_FULL: cannot copy from: No space left on device");
}

TEST_CASE("an empty file is copied as an empty file") {
    const TemporaryFolder folder;
    folder.write("from", "");
    copyFile(folder.path() / "from", folder.path() / "to");
    CHECK(std::filesystem::file_size(folder.path() / "to") == 0);
}

TEST_CASE("a file is moved to another file system and leaves nothing behind") {
    const TemporaryFolder disk;
    const TemporaryFolder shm("/dev/shm");
    const std::string bytes = randomBytes(100'000);
    shm.write("math.csv", bytes);
    disk.write("math.csv", "an older one");
    moveFile(shm.path() / "math.csv", disk.path() / "math.csv");
    CHECK(disk.read("math.csv") == bytes);
    CHECK(std::filesystem::is_empty(shm.path()));
    CHECK(std::distance(std::filesystem::directory_iterator(disk.path()), {}) == 1);
}

TEST_CASE("a file that cannot be moved is named and stays where it is") {
    const TemporaryFolder folder;
    folder.write("a", "bytes");
    CHECK_THROWS_WITH(moveFile(folder.path() / "a", folder.path() / "missing" / "a"),
                      "cannot rename a: No such file or directory");
    CHECK(folder.read("a") == "bytes");
}
