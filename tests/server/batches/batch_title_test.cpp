#include "batches/batch_title.h"

#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

using namespace sheafline;

TEST_CASE("a batch has the name of its file unless it has one") {
    CHECK(nameOf({.file_name = "scans.zip"}) == "scans.zip");
    CHECK(nameOf({.name = "Math", .file_name = "scans.zip"}) == "Math");
    CHECK(nameOf({}).empty());
}

TEST_CASE("the name of a file has no folders of any system and no control characters") {
    CHECK(fileNameOf("/home/ann/Klausur Ü.zip") == "Klausur Ü.zip");
    CHECK(fileNameOf("C:\\scans\\7b.zip") == "7b.zip");
    CHECK(fileNameOf("a\nb\x1b.zip") == "a\\nb\\x1b.zip");
    CHECK(fileNameOf("scans/").empty());
    CHECK(fileNameOf(std::string(300, 'x')).size() == 255);
}

TEST_CASE("names and labels that could not be shown or found are rejected") {
    CHECK_FALSE(problemOfName("Mathe 7B, Prüfung"));
    for (const std::string& name : {std::string(), std::string("  "), std::string("a\nb"),
                                    std::string("\xFF"), std::string(201, 'x')}) {
        INFO(name);
        CHECK(problemOfName(name));
    }
    CHECK_FALSE(problemOfLabel("class", "7B"));
    CHECK_FALSE(problemOfLabel("a.b-c_9", ""));
    CHECK(problemOfLabel("", "x"));
    CHECK(problemOfLabel("a b", "x"));
    CHECK(problemOfLabel(std::string(64, 'k'), "x"));
    CHECK(problemOfLabel("class", "7\n"));
    Labels many;
    for (int i = 0; i < 33; ++i) many.emplace("k" + std::to_string(i), "v");
    CHECK(problemOfLabels(many));
    many.erase("k0");
    CHECK_FALSE(problemOfLabels(many));
}

TEST_CASE("labels on the command line are KEY=VALUE, each key once") {
    const Labels labels = labelsOf({"class=7B", "note=a=b", "empty="});
    CHECK(labels == Labels{{"class", "7B"}, {"note", "a=b"}, {"empty", ""}});
    CHECK(labelsIn(labelsJson(labels)) == labels);
    CHECK_THROWS_WITH(labelsOf({"class"}), Catch::Contains("write --label KEY=VALUE"));
    CHECK_THROWS_WITH(labelsOf({"a=1", "a=2"}), Catch::Contains("--label a is given twice"));
    CHECK_THROWS_WITH(labelsOf({"a b=1"}), Catch::Contains("the key of a label"));
}
