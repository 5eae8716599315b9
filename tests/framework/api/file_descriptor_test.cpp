#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

bool isOpen(int number) { return ::fcntl(number, F_GETFD) >= 0; }

std::string codeOf(const std::filesystem::path& file, int flags) {
    try {
        openFile(file, flags);
    } catch (const Error& error) {
        return error.code() + ": " + error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a descriptor is closed at the end of its scope and once") {
    int number = -1;
    {
        FileDescriptor first = openFile("/dev/null", O_RDONLY);
        number = first.get();
        CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
        FileDescriptor second = std::move(first);
        CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): the test is about it
        CHECK(second.get() == number);
    }
    CHECK_FALSE(isOpen(number));
}

TEST_CASE("an assignment closes the descriptor that it replaces") {
    FileDescriptor kept = openFile("/dev/null", O_RDONLY);
    const int before = kept.get();
    FileDescriptor other = openFile("/dev/null", O_RDONLY);
    const int after = other.get();
    kept = std::move(other);
    CHECK(kept.get() == after);
    CHECK_FALSE(isOpen(before));
    FileDescriptor& same = kept;
    kept = std::move(same);
    CHECK(isOpen(after));
    kept.reset();
    CHECK_FALSE(kept);
}

TEST_CASE("a released descriptor stays open") {
    FileDescriptor owner = openFile("/dev/null", O_RDONLY);
    const int number = owner.release();
    owner.reset();
    CHECK(isOpen(number));
    ::close(number);
}

TEST_CASE("closing keeps errno") {
    FileDescriptor file = openFile("/dev/null", O_RDONLY);
    errno = ENOSPC;
    file.reset();
    CHECK(errno == ENOSPC);
}

TEST_CASE("a file that cannot be opened is named with its reason") {
    const TemporaryFolder folder;
    CHECK(codeOf(folder / "missing", O_RDONLY) ==
          "NOT_FOUND: cannot open missing: No such file or directory");
    std::filesystem::create_symlink("/dev/null", folder / "link");
    CHECK(codeOf(folder / "link", O_RDONLY | O_NOFOLLOW) ==
          "SYSTEM: cannot open link: Too many levels of symbolic links");
}
