#include "owner/disk_reserve.h"

#include <catch2/catch.hpp>

#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

std::uintmax_t sizeOf(const std::filesystem::path& file) {
    return std::filesystem::exists(file) ? std::filesystem::file_size(file) : 0;
}

}  // namespace

TEST_CASE("the reserve is as large as the batches that run at the same time need") {
    struct Case {
        std::size_t batches;
        std::uintmax_t megabytes;
    };
    const Case one = GENERATE(Case{0, 4}, Case{1, 4}, Case{2, 8}, Case{16, 64}, Case{1'000, 64});
    const TemporaryFolder folder;
    const DiskReserve reserve(folder / "reserve", one.batches);
    CHECK(sizeOf(folder / "reserve") == one.megabytes << 20U);
}

TEST_CASE("the reserve is given up in two steps, each of them once, and is restored whole") {
    const TemporaryFolder folder;
    const auto file = folder / "reserve";
    DiskReserve reserve(file, 1);
    CHECK(reserve.giveUp());
    CHECK(sizeOf(file) == DiskReserve::restFor(1));
    CHECK_FALSE(reserve.giveUp());
    CHECK(reserve.giveUpRest());
    CHECK(sizeOf(file) == 0);
    CHECK_FALSE(reserve.giveUpRest());
    CHECK(reserve.restore());
    CHECK(sizeOf(file) == DiskReserve::bytesFor(1));
    CHECK(reserve.giveUp());
}

TEST_CASE("a reserve of another size is fitted, such as the 64 MB of an earlier version") {
    const std::uintmax_t before = GENERATE(1U << 10U, 512U << 10U, 64U << 20U);
    const TemporaryFolder folder;
    folder.write("reserve", "");
    std::filesystem::resize_file(folder / "reserve", before);
    DiskReserve reserve(folder / "reserve", 1);
    CHECK(sizeOf(folder / "reserve") == DiskReserve::bytesFor(1));
    reserve.fitTo(3);
    CHECK(reserve.restore());
    CHECK(sizeOf(folder / "reserve") == DiskReserve::bytesFor(3));
}

TEST_CASE("no reserve is made in a folder that is missing") {
    const TemporaryFolder folder;
    DiskReserve reserve(folder / "missing/reserve", 1);
    CHECK_FALSE(reserve.giveUp());
    CHECK_FALSE(reserve.restore());
}
