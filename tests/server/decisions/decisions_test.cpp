// People decide about answers and sheets through the API, and an apply makes it count.
#include <sstream>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "decisions/results_table.h"
#include "decisions/review_site.h"

using namespace sheafline::test;

namespace {

// The table of the batch's database, as one text.
std::string tableText(const ReviewSite& review) {
    return onResults(review.site, review.server, review.id,
                     "SELECT * FROM omr_results ORDER BY sheet");
}

std::string pointersOf(const Reply& reply) {
    std::string pointers;
    const auto errors = objectOf(reply.body)->getArray("errors");
    for (const auto& item : *errors)
        pointers += item.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("pointer") + " ";
    return pointers;
}

}  // namespace

TEST_CASE("answers in doubt that are decided from the truth give a CSV without a wrong answer") {
    const ReviewSite review(60, "hard");
    decideAllFromTruth(review);
    for (const auto& [sheet, row] : review.rows())
        CHECK(tableText(review).find(row.at("flags")) != std::string::npos);
}

TEST_CASE("an apply reads no sheet again and extracts nothing") {
    const ReviewSite review(6, "hard");
    auto doubts = review.doubts();
    doubts.resize(1);
    REQUIRE(review.decide(doubts, review.admin).status == 201);
    // Without its archive, the batch could neither extract nor read anything.
    std::filesystem::remove(review.site.folder / stored("batches/" + review.id + "/archive.zip"));
    const auto before = review.rows();
    CHECK(review.apply() == "complete");
    const auto after = review.rows();
    CHECK(after.at(doubts[0].sheet).at(doubts[0].field) == doubts[0].truth);
    CHECK(after.at(doubts[0].sheet).at("flags").find(doubts[0].field + ":by_hand") !=
          std::string::npos);
    for (const auto& [sheet, row] : before) {
        if (sheet != doubts[0].sheet) CHECK(after.at(sheet) == row);
    }
}

TEST_CASE("a list with one impossible decision stores none, and its errors point at their places") {
    const ReviewSite review(3, "clean");
    const Reply reply = review.decide(
        R"([{"sheet":1,"field":"q1","value":"B"},{"sheet":9,"field":"q1","value":"B"},)"
        R"({"sheet":1,"field":"q99","value":"B"},{"sheet":1,"field":"q2","value":"Z"},)"
        R"({"sheet":1,"field":"score","value":"7"},{"sheet":2,"qr":"not a code"},)"
        R"({"sheet":1,"field":"q1","confirm":true},{"continue":true}])",
        review.admin);
    INFO(reply.body);
    CHECK(reply.status == 422);
    CHECK(pointersOf(reply) == "/1/sheet /2/field /3/value /4/field /5/qr /6/confirm /7/continue ");
    CHECK(review.items("/decisions")->size() == 0);
    const Reply shape =
        review.decide(R"([{"sheet":1,"field":"q1"},{"sheet":"1","discard":true},{"discard":true},)"
                      R"({"sheet":1,"qr":"A","discard":true},{"sheet":1,"discard":false},7,)"
                      R"({"sheet":1,"field":"q1","vlaue":"B"}])",
                      review.admin);
    CHECK(shape.status == 422);
    CHECK(pointersOf(shape) == "/0 /1/sheet /2/sheet /3/discard /4/discard /5 /6/vlaue ");
    CHECK(review.decide(R"({"sheet":1})", review.admin).status == 400);
}

TEST_CASE("the rules of decisions name the pattern that a code must match") {
    const ReviewSite review(3, "clean");
    const Reply rules =
        review.server.client().get("/api/batches/" + review.id + "/decisions/rules", review.admin);
    CHECK(value(rules.body, "code_pattern") ==
          "(?<exam>[A-Z0-9]+)-(?<class>[A-Z0-9]+)/(?<page>[0-9]+)/(?<student>[0-9]+)");
}

TEST_CASE("of two reviewers of one answer the second gets what the first decided, 50 times") {
    const ReviewSite review(50, "clean");
    const Headers ann = review.admin;
    const Headers bob = review.server.addUser("bob", ann, "admin");
    for (int sheet = 1; sheet <= 50; ++sheet) {
        const auto decision = [&](const char* answer) {
            return R"([{"sheet":)" + std::to_string(sheet) + R"(,"field":"q1","value":")" + answer +
                   R"("}])";
        };
        Reply first;
        Reply second;
        {
            const std::jthread one([&] { first = review.decide(decision("A"), ann); });
            const std::jthread two([&] { second = review.decide(decision("B"), bob); });
        }
        INFO(first.body << '\n' << second.body);
        REQUIRE(first.status + second.status == 201 + 409);
        const Reply& loser = first.status == 409 ? first : second;
        const char* won = first.status == 201 ? "A" : "B";
        CHECK(value(loser.body, "code") == "DECIDED");
        const auto error = objectOf(loser.body)->getArray("errors")->getObject(0);
        CHECK(error->getObject("decision")->getValue<std::string>("value") == won);
    }
    CHECK(review.items("/decisions?state=pending")->size() == 50);
    CHECK(review.items("/decisions")->size() == 50);
}

TEST_CASE(
    "a decision that names the one it replaces replaces it, and an undone one frees the answer") {
    const ReviewSite review(2, "clean");
    const Headers bob = review.server.addUser("bob", review.admin, "admin");
    REQUIRE(review.decide(R"([{"sheet":1,"field":"q1","value":"A"}])", review.admin).status == 201);
    CHECK(review.decide(R"([{"sheet":1,"field":"q1","value":"B"}])", bob).status == 409);
    CHECK(review.decide(R"([{"sheet":1,"field":"q1","value":"B","replace":9}])", bob).status ==
          409);
    CHECK(review.decide(R"([{"sheet":1,"field":"q1","value":"B","replace":1}])", bob).status ==
          201);
    CHECK(review.items("/decisions?state=pending")->size() == 1);
    CHECK(review.decide(R"([{"undo":2}])", review.admin).status == 201);
    CHECK(review.items("/decisions?state=pending")->size() == 0);
    CHECK(review.decide(R"([{"sheet":1,"field":"q1","value":"C"}])", review.admin).status == 201);
    CHECK(review.apply() == "complete");
    CHECK(review.rows().at(1).at("q1") == "C");
    CHECK(review.server.post(at(review.id, "/decisions/apply"), "", review.admin).status == 409);
}

TEST_CASE("undoing an applied decision brings back what was read") {
    const ReviewSite review(4, "hard");
    const auto doubts = review.doubts();
    const auto before = review.rows();
    REQUIRE(review.decide(doubts, review.admin).status == 201);
    REQUIRE(review.apply() == "complete");
    CHECK(review.rows() != before);
    std::string undo = "[";
    for (std::size_t i = 1; i <= doubts.size(); ++i)
        undo += (i > 1 ? "," : "") + std::string(R"({"undo":)") + std::to_string(i) + "}";
    REQUIRE(review.decide(undo + "]", review.admin).status == 201);
    REQUIRE(review.apply() == "complete");
    CHECK(review.rows() == before);
    CHECK(review.doubts().size() == doubts.size());
}

TEST_CASE("a sheet is discarded, read again only by force, and has its answers back") {
    const ReviewSite review(3, "clean");
    const auto before = review.rows();
    REQUIRE(
        review.decide(R"([{"sheet":2,"discard":true,"reason":"blank"}])", review.admin).status ==
        201);
    REQUIRE(review.apply() == "complete");
    CHECK(review.rows().at(2).at("status") == "discarded");
    const Reply reply = review.decide(R"([{"sheet":2,"read_again":true}])", review.admin);
    CHECK(reply.status == 409);
    CHECK(reply.body.find("force") != std::string::npos);
    REQUIRE(review.decide(R"([{"sheet":2,"read_again":true,"force":true}])", review.admin).status ==
            201);
    REQUIRE(review.apply() == "complete");
    CHECK(review.rows() == before);
    CHECK(review.items("/decisions?state=undone")->size() == 1);
}

TEST_CASE("an undo is not undone, and its error says what to do") {
    const ReviewSite review(2, "clean");
    REQUIRE(review.decide(R"([{"sheet":1,"field":"q1","value":""}])", review.admin).status == 201);
    REQUIRE(review.apply() == "complete");
    REQUIRE(review.decide(R"([{"undo":1}])", review.admin).status == 201);
    const Reply reply = review.decide(R"([{"undo":2}])", review.admin);
    CHECK(reply.status == 409);
    CHECK_THAT(reply.body, Catch::Contains("NOTHING_TO_UNDO") &&
                               Catch::Contains("decision 2 is itself an undo, of decision 1; to "
                                               "take it back, decide again"));
    CHECK(review.decide(R"([{"undo":3}])", review.admin).status == 404);
}

TEST_CASE("force reads a sheet again whose pending decision is another person's") {
    const ReviewSite review(2, "clean");
    const Headers bob = review.server.addUser("bob", review.admin, "admin");
    REQUIRE(review.decide(R"([{"sheet":1,"field":"q1","value":""}])", bob).status == 201);
    CHECK(review.decide(R"([{"sheet":1,"read_again":true}])", review.admin).status == 409);
    REQUIRE(review.decide(R"([{"sheet":1,"read_again":true,"force":true}])", review.admin).status ==
            201);
    const auto before = review.rows();
    REQUIRE(review.apply() == "complete");
    CHECK(review.rows() == before);
    CHECK(review.items("/decisions?state=undone")->size() == 1);
}

TEST_CASE("a decision about a sheet that an apply changes now is possible after it") {
    const sheafline::TemporaryFolder counts;
    // The three sheets are extracted once; the fourth time is that of the apply.
    const ReviewSite review(3, "clean",
                            {{"SHEAFLINE_FAULT", "batch/extract.entry:4:sleep"},
                             {"SHEAFLINE_FAULT_COUNT", counts.path().string()}});
    REQUIRE(review.decide(R"([{"sheet":1,"read_again":true}])", review.admin).status == 201);
    REQUIRE(review.server.post(at(review.id, "/decisions/apply"), "", review.admin).status == 202);
    const Reply early = review.decide(R"([{"sheet":1,"field":"q1","value":""}])", review.admin);
    CHECK(early.status == 409);
    CHECK_THAT(early.body,
               Catch::Contains("SHEET_CHANGES") && Catch::Contains(R"("pointer":"/0/sheet")"));
    CHECK(review.decide(R"([{"sheet":2,"field":"q1","value":""}])", review.admin).status == 201);
    // A mistake of the list itself is named first.
    CHECK(review
              .decide(R"([{"sheet":1,"field":"q1","value":""},{"sheet":9,"discard":true}])",
                      review.admin)
              .status == 422);
}

TEST_CASE("a failed apply keeps the CSV, the table, the state, and the decisions as pending") {
    const ReviewSite review(6, "hard");
    const auto doubts = review.doubts();
    const auto csv = review.artifact("demo.csv");
    const auto table = tableText(review);
    REQUIRE(review.decide(doubts, review.admin).status == 201);
    // The table takes no rows, so it cannot be loaded.
    const auto run = [&](const std::string& sql) {
        onResults(review.site, review.server, review.id, sql);
    };
    const bool sqlite = review.server.shared() == nullptr;
    run(sqlite ? "CREATE TRIGGER closed BEFORE INSERT ON omr_results BEGIN SELECT RAISE(ABORT, "
                 "'closed'); END"
               : "ALTER TABLE omr_results ADD CONSTRAINT closed CHECK (sheet < 0) NOT VALID");
    CHECK(review.apply() == "error");
    const Reply batch = review.server.client().get(at(review.id, ""), review.admin);
    CHECK(value(batch.body, "state") == "completed");
    CHECK(batch.body.find("TOO_MANY_REJECTS") != std::string::npos);
    CHECK(review.artifact("demo.csv") == csv);
    CHECK(tableText(review) == table);
    CHECK(review.doubts().size() == doubts.size());
    CHECK(review.items("/decisions?state=pending")->size() == doubts.size());
    run(sqlite ? "DROP TRIGGER closed" : "ALTER TABLE omr_results DROP CONSTRAINT closed");
    CHECK(review.apply() == "complete");
    CHECK(review.wrongAnswers().empty());
    CHECK(value(review.server.client().get(at(review.id, ""), review.admin).body, "error") ==
          "null");
}
