#include "history/event_json.h"

#include <catch2/catch.hpp>

using sheafline::eventJson;
using sheafline::percentTenths;

TEST_CASE("an event has the fields and order of the contract") {
    const auto json = eventJson({.stage_id = "process",
                                 .stage = "processing_sheets",
                                 .message = "Progress: 1368/11404 tasks completed",
                                 .done = 1368,
                                 .total = 11404,
                                 .attempt = 1,
                                 .eta_seconds = 340.4,
                                 .rate_per_second = 29.46},
                                {.batch_id = "abc-123",
                                 .seq = 131,
                                 .execution = 1,
                                 .elapsed_seconds = 47,
                                 .timestamp = "2025-11-20T12:00:05Z",
                                 .sheets_total = 11404,
                                 .sheets_processed = 1368,
                                 .sheets_failed = 2,
                                 .overall_tenths = 405});
    CHECK(
        json ==
        R"({"stage":"processing_sheets","message":"Progress: 1368/11404 tasks completed","progress_percentage":12.0,)"
        R"("sheets_total":11404,"sheets_processed":1368,"elapsed_seconds":47,"timestamp":"2025-11-20T12:00:05Z",)"
        R"("batch_id":"abc-123","seq":131,"stage_id":"process","execution":1,"attempt":1,"eta_seconds":340,)"
        R"("rate_per_second":29.5,"sheets_failed":2,"overall_percentage":40.5})");
}

TEST_CASE("the error is the last field, and texts are escaped") {
    const auto json = eventJson({.stage = "failed",
                                 .message = "a \"b\"\n\x01\xff",
                                 .error = {{.code = "X", .message = "m", .stage = "s"}}},
                                {.batch_id = "b", .seq = 1, .timestamp = "t"});
    CHECK(json ==
          "{\"stage\":\"failed\",\"message\":\"a "
          "\\\"b\\\"\\n\\u0001\xEF\xBF\xBD\",\"progress_percentage\":0.0,\"sheets_total\":0,"
          "\"sheets_processed\":0,\"elapsed_seconds\":0,\"timestamp\":\"t\",\"batch_id\":\"b\","
          "\"seq\":1,\"execution\":1,"
          "\"sheets_failed\":0,\"overall_percentage\":0.0,\"error\":{\"code\":\"X\",\"message\":"
          "\"m\",\"stage\":\"s\"}}");
}

TEST_CASE("a share is 100.0 only at the end") {
    CHECK(percentTenths(0, 0) == 0);
    CHECK(percentTenths(1368, 11404) == 120);
    CHECK(percentTenths(99'999, 100'000) == 999);
    CHECK(percentTenths(100'000, 100'000) == 1000);
}
