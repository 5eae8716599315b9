#include "batch/run/stage_messages.h"

#include <catch2/catch.hpp>

using namespace sheafline;  // NOLINT(google-build-using-namespace)

TEST_CASE("an error of a disk names the remedy that works where the batch runs") {
    struct Case {
        const char* code;
        bool owner_resumes;
        const char* message;
    };
    const Case one = GENERATE(
        Case{"DISK_FULL", false,
             "The disk of the data folder is full; make room, then run: sheafline resume b"},
        Case{"DISK_FULL", true,
             "The disk of the data folder is full; make room, then the server continues the batch "
             "by itself"},
        Case{"DISK_READONLY", false,
             "The history cannot be written; make the disk writable, then run: sheafline resume b"},
        Case{"DISK_READONLY", true,
             "The history cannot be written; make the disk writable, then the server continues the "
             "batch by itself"});
    const EventError error = withRemedy(historyError(one.code), "b", one.owner_resumes);
    CHECK(error.message == one.message);
    CHECK(error.code == one.code);
}

TEST_CASE("an interruption names a command only where that command is accepted") {
    CHECK(howToContinue("b", false) == "to continue, run: sheafline resume b");
    CHECK(howToContinue("b", true) == "the server continues the batch by itself");
}
