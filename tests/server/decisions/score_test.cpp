// Another key for a finished batch: it is scored again without reading a sheet.
#include <string>

#include <catch2/catch.hpp>

#include "decisions/results_table.h"
#include "decisions/review_site.h"

using namespace sheafline::test;

namespace {

// A key with the answers that a sheet has, so that its score is the number of its answers.
std::string keyOf(const std::map<std::string, std::string>& row, const std::string& points) {
    std::string key = "question,answer,points\n";
    for (int question = 1; question <= 60; ++question) {
        const std::string name = "q" + std::to_string(question);
        if (!row.at(name).empty()) key += name + "," + row.at(name) + "," + points + "\n";
    }
    return key;
}

int equalAnswers(const std::map<std::string, std::string>& a,
                 const std::map<std::string, std::string>& b) {
    int equal = 0;
    for (int question = 1; question <= 60; ++question) {
        const std::string name = "q" + std::to_string(question);
        if (!a.at(name).empty() && a.at(name) == b.at(name)) ++equal;
    }
    return equal;
}

Reply score(const ReviewSite& review, const std::string& key, const Headers& who,
            const std::string& query = "", const std::string& type = "text/csv") {
    return review.server.client().send("POST", at(review.id, "/score" + query), key,
                                       with(who, {{"Content-Type", type}}));
}

// db_load does not change a table that exists.
void addScoreToTable(const ReviewSite& review) {
    onResults(review.site, review.server, review.id,
              "ALTER TABLE omr_results ADD COLUMN score numeric");
}

std::string finalEvent(const ReviewSite& review) {
    return review.server.stream(review.id, review.admin).back().name;
}

}  // namespace

TEST_CASE("another key scores a finished batch again, as a decision, and no sheet is read") {
    const ReviewSite review(6, "hard");
    const auto before = review.rows();
    addScoreToTable(review);
    // Without its archive, the batch could neither extract nor read anything.
    std::filesystem::remove(review.site.folder / stored("batches/" + review.id + "/archive.zip"));
    CHECK_FALSE(before.at(1).contains("score"));
    const Reply scored =
        score(review, keyOf(before.at(1), "2"), review.admin, "?reason=q7%20wrong");
    INFO(scored.body);
    REQUIRE(scored.status == 202);
    CHECK(finalEvent(review) == "complete");
    for (const auto& [sheet, row] : review.rows()) {
        CHECK(row.at("score") == std::to_string(2 * equalAnswers(before.at(1), before.at(sheet))));
        for (const auto& [column, value] : before.at(sheet)) CHECK(row.at(column) == value);
    }
    const auto decisions = review.items("/decisions");
    REQUIRE(decisions->size() == 1);
    const auto decision = decisions->getObject(0);
    CHECK(decision->getValue<std::string>("kind") == "score");
    CHECK(decision->getValue<std::string>("state") == "applied");
    CHECK_THAT(review.artifact("decisions.csv"), Catch::Contains("q7 wrong"));

    // A second key replaces the first one; to undo it brings the first scores back.
    REQUIRE(score(review, "questions: {q1..q60: [A, B, C, D, E]}\n", review.admin, "",
                  "application/yaml")
                .status == 202);
    CHECK(finalEvent(review) == "complete");
    const auto all = review.rows();
    CHECK(all.at(1).at("score") != std::to_string(2 * equalAnswers(before.at(1), before.at(1))));
    REQUIRE(review.decide(R"([{"undo":2}])", review.admin).status == 201);
    CHECK(review.apply() == "complete");
    CHECK(review.rows().at(1).at("score") ==
          std::to_string(2 * equalAnswers(before.at(1), before.at(1))));
    const Reply audit = review.server.client().get("/api/audit", review.admin);
    CHECK_THAT(audit.body, Catch::Contains("batch_score"));
}

TEST_CASE("a score counts what people decided, and a later decision is scored by the new key") {
    const ReviewSite review(3, "clean");
    addScoreToTable(review);
    REQUIRE(review.decide(R"([{"sheet":1,"field":"q1","value":"C"}])", review.admin).status == 201);
    REQUIRE(review.apply() == "complete");
    REQUIRE(score(review, "question,answer\nq1,C\nq2,D\n", review.admin).status == 202);
    CHECK(finalEvent(review) == "complete");
    const auto row = review.rows().at(1);
    const bool second = row.at("q2") == "D";
    CHECK(row.at("q1") == "C");
    CHECK(row.at("score") == (second ? "2" : "1"));
    REQUIRE(review.decide(R"([{"sheet":1,"field":"q1","value":"A"}])", review.admin).status == 201);
    REQUIRE(review.apply() == "complete");
    CHECK(review.rows().at(1).at("score") == (second ? "1" : "0"));
    const Reply wrong =
        review.decide(R"([{"sheet":1,"field":"score","value":"60"}])", review.admin);
    CHECK(wrong.status == 422);
}

TEST_CASE("a key with mistakes is rejected with its lines and changes nothing") {
    const ReviewSite review(2, "clean");
    const auto before = review.artifact("demo.csv");
    const Reply wrong = score(review, "question,answer\nq1,A\nq2,X\nq99,A\n", review.admin);
    INFO(wrong.body);
    CHECK(wrong.status == 422);
    CHECK(value(wrong.body, "code") == "INVALID_KEY");
    CHECK_THAT(wrong.body, Catch::Contains("line 3, column 1: the key says 'X' for 'q2'"));
    CHECK_THAT(wrong.body, Catch::Contains("line 4"));
    CHECK(wrong.body.find("sheafline-data") == std::string::npos);
    const Reply named = score(review,
                              R"({"source_type": "csv", "options": {"answer_key_csv_path": )"
                              R"("../../../../etc/passwd"}, "marking_schemes": {}})",
                              review.admin, "", "application/json");
    CHECK(named.status == 422);
    CHECK_THAT(named.body, Catch::Contains("cannot name files"));
    CHECK(score(review, "q1,A\n", review.admin, "", "text/html").status == 415);
    CHECK(score(review, std::string(5U << 20U, 'x'), review.admin).status == 413);
    CHECK(review.items("/decisions")->size() == 0);
    CHECK(review.artifact("demo.csv") == before);
    CHECK(std::filesystem::is_empty(review.site.folder / stored("batches/" + review.id + "/keys")));
}

TEST_CASE("of two people with different keys, the second gets what the first decided") {
    const ReviewSite review(2, "clean");
    const Headers bob = review.server.addUser("bob", review.admin, "admin");
    addScoreToTable(review);
    REQUIRE(score(review, "q1,A\n", review.admin).status == 202);
    CHECK(finalEvent(review) == "complete");
    const Reply second = score(review, "q1,B\n", bob);
    INFO(second.body);
    CHECK(second.status == 409);
    CHECK(value(second.body, "code") == "DECIDED");
    CHECK(score(review, "q1,B\n", bob, "?replace=1").status == 202);
    CHECK(finalEvent(review) == "complete");
    CHECK(review.items("/decisions")->size() == 2);
}

TEST_CASE("a failed scoring keeps the previous results, columns and state") {
    const ReviewSite review(3, "hard");
    const auto csv = review.artifact("demo.csv");
    const std::string columns = value(
        review.server.client().get(at(review.id, "/results?limit=1"), review.admin).body, "items");
    // The table lacks the new column, so it cannot be loaded.
    REQUIRE(score(review, "q1,A\n", review.admin).status == 202);
    CHECK(finalEvent(review) == "error");
    const Reply batch = review.server.client().get(at(review.id, ""), review.admin);
    CHECK(value(batch.body, "state") == "completed");
    CHECK(review.artifact("demo.csv") == csv);
    CHECK(value(review.server.client().get(at(review.id, "/results?limit=1"), review.admin).body,
                "items") == columns);
    CHECK_THAT(batch.body, Catch::Contains("SCHEMA_DRIFT"));
    addScoreToTable(review);
    CHECK(review.apply() == "complete");
    CHECK(review.rows().at(1).count("score") == 1);
}

TEST_CASE("a bundle has every artifact and a picture of each answer in doubt") {
    const ReviewSite review(6, "hard");
    const auto doubts = review.doubts();
    REQUIRE_FALSE(doubts.empty());
    const Reply bundle = review.server.client().get(at(review.id, "/bundle"), review.admin);
    REQUIRE(bundle.status == 200);
    review.site.folder.write("bundle.zip", bundle.body);
    const std::string zip = (review.site.folder / "bundle.zip").string();
    const std::string out = (review.site.folder / "names.txt").string();
    // Python's reader checks every CRC.
    const std::string command =
        "/usr/bin/python3 -c 'import sys, zipfile; z = "
        "zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; "
        "print(\"\\n\".join(z.namelist()))' " +
        zip + " > " + out;
    REQUIRE(std::system(command.c_str()) == 0);
    const std::string names = review.site.folder.read("names.txt");
    INFO(names);
    CHECK_THAT(names, Catch::Contains("results/demo.csv\n"));
    CHECK_THAT(names, Catch::Contains("bundle.txt\n"));
    for (const auto& doubt : doubts)
        CHECK_THAT(names, Catch::Contains("pictures/00000" + std::to_string(doubt.sheet) + "-" +
                                          doubt.field + ".png\n"));
    const Reply without =
        review.server.client().get(at(review.id, "/bundle?pictures=0"), review.admin);
    CHECK(without.body.find("pictures/") == std::string::npos);
    CHECK(review.server.client().get(at(review.id, "/bundle?pictures=2"), review.admin).status ==
          400);
}
