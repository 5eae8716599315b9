#include "history/change.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "history/change_wire.h"
#include "history/text_list.h"

using namespace sheafline;

TEST_CASE("every state has a name that gives the state back") {
    for (int i = 0; i <= static_cast<int>(BatchState::cancelled); ++i) {
        const auto state = static_cast<BatchState>(i);
        CHECK(batchState(toString(state)) == state);
    }
    for (int i = 0; i <= static_cast<int>(StageState::cancelled); ++i) {
        const auto state = static_cast<StageState>(i);
        CHECK(stageState(toString(state)) == state);
    }
    for (const SheetState state :
         {SheetState::waiting, SheetState::read, SheetState::quarantined, SheetState::discarded})
        CHECK(sheetState(toString(state)) == state);
    for (const char* text : {"", "Running", "running ", "unknown"}) {
        INFO(text);
        CHECK_THROWS_AS(batchState(text), Error);
        CHECK_THROWS_AS(stageState(text), Error);
        CHECK_THROWS_AS(sheetState(text), Error);
    }
}

TEST_CASE("only completed, failed and cancelled batches have ended") {
    std::string ended;
    for (int i = 0; i <= static_cast<int>(BatchState::cancelled); ++i) {
        const auto state = static_cast<BatchState>(i);
        if (isFinal(state)) ended += std::string(toString(state)) + " ";
    }
    CHECK(ended == "completed failed cancelled ");
}

TEST_CASE("a change with any part is not empty") {
    CHECK(Change{.batch_id = "a"}.empty());
    CHECK_FALSE(Change{.freeze_sheets = true}.empty());
    CHECK_FALSE(Change{.remove = true}.empty());
    CHECK_FALSE(Change{.columns = std::vector<std::string>{}}.empty());
    CHECK_FALSE(Change{.sheets = {{.number = 1}}}.empty());
    CHECK_FALSE(Change{.events = {{}}}.empty());
}

TEST_CASE("lists of texts return from JSON as they were") {
    for (const auto& texts : std::vector<std::vector<std::string>>{
             {},
             {""},
             {"a", "", "b"},
             {"\"", "\\", "\n\t", "ü€𝄞", "[1,2]", std::string("a\0b", 3)}}) {
        INFO(jsonArray(texts));
        CHECK(textsOf(jsonArray(texts)) == texts);
    }
    CHECK(jsonArray({"a", "b"}) == R"(["a","b"])");
}

TEST_CASE("a stored list of texts that is damaged is an error that shows it") {
    const auto text = GENERATE(as<std::string>{}, "", "[", "{}", "7", "null", "[null]", "[\"a\"");
    CHECK_THROWS_WITH(textsOf(text), "this is not a JSON array of texts: " + text);
    CHECK_THROWS_AS(textsOf(text), Error);
    CHECK_THROWS_WITH(textsOf("\x1b[2J" + std::string(100, 'x')),
                      Catch::EndsWith(": \\x1b[2J" + std::string(36, 'x')));
}

TEST_CASE("a change that was cut anywhere is rejected, never read as another change") {
    const Change change{.batch_id = "a",
                        .state = BatchState::running,
                        .sheets = {{.number = 5, .path = "p", .reason = "why"}},
                        .columns = std::vector<std::string>{"q1"},
                        .events = {{.stage = "s", .message = "m", .eta_seconds = 1.5}}};
    const std::string bytes = encode(change);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        INFO(length);
        CHECK_THROWS_AS(decodeChange(std::string_view(bytes).substr(0, length)), Error);
    }
    CHECK(encode(decodeChange(bytes)) == bytes);
}
