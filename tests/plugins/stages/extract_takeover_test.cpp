// The archives of a batch that several servers have had.
#include <catch2/catch.hpp>

#include "extract_batch.h"

namespace fs = std::filesystem;

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE("the archive that the batch has first counts, whichever owner placed it") {
    ExtractBatch batch(zipOf(manyJpegs(5)));
    const std::string bytes = readFile(batch.archive);
    batch.run.setEpoch(2);
    // Half of what an earlier owner wrote before it hung.
    fs::create_directories(batch.run.batchFolder() / "epoch-1");
    writeFile(batch.run.batchFolder() / "epoch-1" / "archive.zip.tmp", "half");
    REQUIRE(batch.extract() == "done");
    CHECK(readFile(batch.run.batchFolder() / "archive.zip") == bytes);
    CHECK(batch.filesBelow(batch.run.batchFolder()) == "archive.zip ");

    // The next owner has another file with that name on its disk, and does not use it.
    writeFile(batch.archive, zipOf(manyJpegs(3)));
    fs::remove_all(batch.run.folder());
    fs::create_directories(batch.run.folder());
    batch.run.setEpoch(3);
    REQUIRE(batch.extract() == "done");
    CHECK(batch.run.sheets().size() == 5);
    CHECK(readFile(batch.run.batchFolder() / "archive.zip") == bytes);
}

TEST_CASE("an owner that has lost the batch does not place its archive") {
    ExtractBatch batch(zipOf(manyJpegs(5)));
    batch.run.setEpoch(2);
    batch.run.loseOwnership();
    CHECK(batch.extract() == "FENCED");
    CHECK_FALSE(fs::exists(batch.run.batchFolder() / "archive.zip"));
}
