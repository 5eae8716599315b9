#include <cerrno>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

using sheafline::ConfigError;
using sheafline::Error;
using sheafline::Finding;

TEST_CASE("a finding shows file, line, column and remedy") {
    const ConfigError error({Finding{.file = "omr.yaml",
                                     .line = 31,
                                     .column = 18,
                                     .key = "with.max_byte",
                                     .message = "unknown option 'max_byte'"},
                             Finding{.file = "omr.yaml", .key = "", .message = "no stages"}});
    CHECK(std::string(error.what()) ==
          "omr.yaml:31:18: unknown option 'max_byte'\nomr.yaml: no stages");
}

TEST_CASE("a full disk has a code of its own") {
    try {
        sheafline::throwSystemError(ENOSPC, "cannot write math.csv");
    } catch (const Error& error) {
        CHECK(error.code() == "DISK_FULL");
        CHECK(std::string(error.what()) == "cannot write math.csv: No space left on device");
    }
}
