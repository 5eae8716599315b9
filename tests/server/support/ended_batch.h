// A batch that was sent over HTTP and has ended.
#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

namespace sheafline::test {

inline std::string endedBatch(const RunningServer& server, const Headers& who,
                              const std::string& pipeline, const std::string& archive) {
    const Reply made = server.client().send("POST", "/api/batches?pipeline=" + pipeline, archive,
                                            with(who, {{"Content-Type", "application/zip"}}));
    INFO(made.body);
    REQUIRE(made.status == 201);
    std::string id = value(made.body, "batch_id");
    REQUIRE(server.stream(id, who).back().name == "complete");
    return id;
}

}  // namespace sheafline::test
