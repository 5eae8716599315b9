// What a batch process sends is untrusted: it runs plugins of any origin.
#include "owner/change_check.h"

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "history/change_wire.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

std::string errorOf(const std::function<void(Change&)>& put) {
    Change change{.batch_id = "b"};
    put(change);
    try {
        Change received = decodeChange(encode(change));
        checkChange(received, "b");
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

Change fullChange() {
    return {.batch_id = "b",
            .state = BatchState::running,
            .plan = {{.stage_id = "s", .stage = "reading", .plugin = "p", .weight = 2}},
            .stages = {{.stage_id = "s", .state = StageState::running, .checkpoint = "\xff\x01"}},
            .new_sheets = {{.number = 1, .file = "a.jpg", .path = "/tmp/\xff"}},
            .sheets = {{.number = 1,
                        .state = SheetState::read,
                        .reading = Reading{.values = {"A"}, .confidence = 0.5},
                        .row = "[\"A\"]"}},
            .skipped = {{.file = "x", .reason = "y"}},
            .columns = {{"q1"}},
            .artifacts = {{.name = "r.csv", .size_bytes = 3, .sha256 = "00"}},
            .outcome = Outcome{.state = BatchState::failed, .error = EventError{.code = "X"}},
            .events = {{.stage_id = "s", .message = "m", .done = 1, .total = 2}}};
}

}  // namespace

TEST_CASE("a change that a batch process may make passes unchanged") {
    const std::string bytes = encode(fullChange());
    Change change = decodeChange(bytes);
    checkChange(change, "b");
    CHECK(encode(change) == bytes);
}

TEST_CASE("a change that only the owner makes is an error that names it") {
    struct Case {
        const char* error;
        std::function<void(Change&)> put;
    };
    const std::vector<Case> cases{
        {"the id of another batch", [](Change& c) { c.batch_id = "other"; }},
        {"a change that only the owner makes", [](Change& c) { c.create.emplace(); }},
        {"a change that only the owner makes", [](Change& c) { c.next_execution.emplace(); }},
        {"a change that only the owner makes", [](Change& c) { c.remove = true; }},
        {"the state cancelling, which only the owner sets",
         [](Change& c) { c.state = BatchState::cancelling; }},
        {"an unknown state", [](Change& c) { c.state = static_cast<BatchState>(99); }},
        {"an unknown state", [](Change& c) { c.state = static_cast<BatchState>(-1); }},
        {"an unknown state", [](Change& c) { c.stages = {{.state = static_cast<StageState>(7)}}; }},
        {"an unknown state",
         [](Change& c) { c.sheets = {{.number = 1, .state = static_cast<SheetState>(4)}}; }},
        {"an outcome that is not final",
         [](Change& c) { c.outcome = Outcome{.state = BatchState::running}; }},
        {"sheet number 0", [](Change& c) { c.sheets = {{.number = 0}}; }},
        {"sheet number -5", [](Change& c) { c.new_sheets = {{.number = -5}}; }},
        {"a wrong page of sheet 1", [](Change& c) { c.new_sheets = {{.number = 1, .page = 0}}; }},
        {"a wrong attempt of a stage", [](Change& c) { c.stages = {{.attempt = -1}}; }},
        {"a wrong weight of stage s",
         [](Change& c) { c.plan = {{.stage_id = "s", .weight = std::nan("")}}; }},
        {"a stage without an id", [](Change& c) { c.plan = {{}}; }},
        {"a row that is not a JSON array of texts",
         [](Change& c) { c.sheets = {{.number = 1, .row = "{\"a\": 1}"}}; }},
        {"a row that is not a JSON array of texts",
         [](Change& c) { c.sheets = {{.number = 1, .row = "[1"}}; }},
        {"the artifact name '../x'", [](Change& c) { c.artifacts = {{.name = "../x"}}; }},
        {"the artifact name '.x'", [](Change& c) { c.artifacts = {{.name = ".x"}}; }},
        {"the artifact name ''", [](Change& c) { c.artifacts = {{}}; }},
    };
    for (const Case& one : cases)
        CHECK(errorOf(one.put) == std::string("a message between processes has ") + one.error);
}

TEST_CASE("impossible numbers and invalid UTF-8 are replaced") {
    Change change = fullChange();
    const double nan = std::nan("");
    change.events = {{.message = "bad \xff",
                      .done = nan,
                      .total = std::numeric_limits<double>::infinity(),
                      .eta_seconds = nan,
                      .error = EventError{.message = "\xc3"}}};
    change.sheets.front().reading->confidence = nan;
    change.sheets.front().reading->values = {"\xe2\x82"};
    checkChange(change, "b");
    const EventDraft& event = change.events.front();
    CHECK(event.message == "bad \uFFFD");
    CHECK(event.done == 0);
    CHECK(event.total == 0);
    CHECK_FALSE(event.eta_seconds);
    CHECK(event.error->message == "\uFFFD");
    CHECK(change.sheets.front().reading->confidence == 0);
    CHECK(change.sheets.front().reading->values.front().find('\xe2') == std::string::npos);
    CHECK(change.new_sheets.front().path.native() == "/tmp/\xff");  // a path is bytes
    CHECK(change.stages.front().checkpoint == "\xff\x01");          // so is a checkpoint
}

TEST_CASE("no change of bytes makes the check do anything but accept or reject") {
    const std::string sound = encode(fullChange());
    std::mt19937 random(20261128);
    int rejected = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = sound;
        const auto at = [&] { return random() % bytes.size(); };
        for (auto i = random() % 3 + 1; i > 0; --i) bytes[at()] = static_cast<char>(random());
        if (random() % 4 == 0) bytes.resize(at());
        try {
            Change change = decodeChange(bytes);
            checkChange(change, "b");
        } catch (const Error& error) {
            REQUIRE(error.code() == "WIRE");
            ++rejected;
        }
    }
    CHECK(rejected > 1'000);
}
