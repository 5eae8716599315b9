#include "history/batch_tally.h"

#include <string>

#include <catch2/catch.hpp>

using namespace sheafline;

namespace {

BatchTally tallyWith(double first_weight, double second_weight) {
    BatchTally tally{.created = {.wall_ms = 1'000'000, .boot_ms = 5'000}, .same_boot = true};
    tally.stages["one"] = {.weight = first_weight};
    tally.stages["two"] = {.weight = second_weight};
    tally.stages["last"] = {.weight = 100, .in_overall = false};
    return tally;
}

EventDraft draftOf(const std::string& stage, double done, double total) {
    return {.stage_id = stage, .stage = "s", .message = "m", .done = done, .total = total};
}

}  // namespace

TEST_CASE("the overall percentage weighs the stages, never falls, and is 100 only at completed") {
    BatchTally tally = tallyWith(1, 3);
    const auto overall = [&](const std::string& stage, double done, double total) {
        return tally.addEvent("b", draftOf(stage, done, total), tally.created).overall_tenths;
    };
    CHECK(overall("one", 1, 2) == 125);
    CHECK(overall("one", 2, 2) == 250);
    CHECK(overall("one", 0, 2) == 250);
    CHECK(overall("last", 1, 1) == 250);
    CHECK(overall("two", 4, 4) == 999);
    CHECK(overall("two", 9, 4) == 999);
    tally.state = BatchState::completed;
    CHECK(overall("", 0, 0) == 1000);
}

TEST_CASE("stages without weight and totals of zero give no percentage") {
    BatchTally tally = tallyWith(0, 0);
    CHECK(tally.addEvent("b", draftOf("one", 1, 1), tally.created).overall_tenths == 0);
    BatchTally empty;
    CHECK(empty.addEvent("b", draftOf("", 0, 0), {}).overall_tenths == 0);
}

TEST_CASE("the age of a batch follows the boot clock, and never falls") {
    BatchTally tally = tallyWith(1, 1);
    const auto ageAt = [&](std::int64_t wall_ms, std::int64_t boot_ms) {
        return tally.addEvent("b", {}, {.wall_ms = wall_ms, .boot_ms = boot_ms}).elapsed_seconds;
    };
    CHECK(ageAt(1'000'000, 7'999) == 2);
    CHECK(ageAt(99'000'000, 8'000) == 3);  // the wall clock jumped forward
    CHECK(ageAt(0, 9'000) == 4);           // and backward
    CHECK(ageAt(0, 6'000) == 4);
    tally.same_boot = false;  // after a restart of the machine
    CHECK(ageAt(1'000'000, 100) == 4);
    CHECK(ageAt(1'010'000, 200) == 10);
}

TEST_CASE("sheets move between the counters, and a waiting sheet is in none") {
    BatchTally tally{.total = 2};
    tally.moveSheet(SheetState::waiting, SheetState::quarantined);
    tally.moveSheet(SheetState::waiting, SheetState::read);
    CHECK(tally.quarantined == 1);
    tally.moveSheet(SheetState::quarantined, SheetState::discarded);
    tally.moveSheet(SheetState::read, SheetState::waiting);
    CHECK(tally.read == 0);
    CHECK(tally.quarantined == 0);
    CHECK(tally.discarded == 1);
    tally.moveSheet(SheetState::read, SheetState::waiting);  // a wrong change does not wrap around
    CHECK(tally.read == 0);
    const EventFrame frame = tally.addEvent("b", {}, {});
    CHECK(frame.sheets_processed == 1);
    CHECK(frame.seq == 1);
    CHECK(tally.addEvent("b", {}, {}).seq == 2);
}

TEST_CASE("a stage counts the sheets that failed since it started") {
    BatchTally tally{.quarantined = 5};
    CHECK(tally.failedSince({.failed_before = 2}) == 3);
    CHECK(tally.failedSince({.failed_before = 7}) == 0);  // some were finished meanwhile
}
