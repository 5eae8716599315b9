#include "workers/readable_folders.h"

#include <string>

#include <catch2/catch.hpp>

#include "temporary_folder.h"

using namespace sheafline;

TEST_CASE("the folder of a sheet and the folders below it are readable, and no others") {
    ReadableFolders folders;
    CHECK_FALSE(folders.cover("/data/b/extract/1.jpg"));
    folders.add("/data/b/extract/1.jpg");
    CHECK(folders.cover("/data/b/extract/2.jpg"));
    CHECK(folders.cover("/data/b/extract/more/2.jpg"));
    CHECK_FALSE(folders.cover("/data/b/extract-2/1.jpg"));
    CHECK_FALSE(folders.cover("/data/b/1.jpg"));
    CHECK_FALSE(folders.cover("/data/b/extract/../secret.key"));
    folders.add("/data/b/extract/3.jpg");
    CHECK(folders.paths().size() == 1);
}

TEST_CASE("a link does not make the folder that it is in readable instead of its target's") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "a");
    std::filesystem::create_directories(folder / "b");
    folder.write("b/1.jpg", "x");
    std::filesystem::create_symlink(folder / "b/1.jpg", folder / "a/1.jpg");
    ReadableFolders folders;
    folders.add(folder / "a/1.jpg");
    CHECK(folders.paths() == std::vector{std::filesystem::canonical(folder / "b").string()});
}

TEST_CASE("many folders become the folder that contains them") {
    ReadableFolders folders;
    for (int i = 1; i <= 20; ++i) folders.add("/data/b/group" + std::to_string(i) + "/1.jpg");
    CHECK(folders.paths() == std::vector<std::string>{"/data/b"});
}
