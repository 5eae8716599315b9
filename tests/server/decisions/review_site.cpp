#include "decisions/review_site.h"

#include <sstream>
#include <utility>

#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

namespace sheafline::test {

namespace {

std::map<std::string, std::string> withPipelines(std::map<std::string, std::string> environment) {
    environment.emplace("SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines");
    return environment;
}

// Sample files have no quotation marks and no line breaks in their cells.
std::vector<std::string> cellsOf(const std::string& line) {
    std::vector<std::string> cells;
    std::string rest = line;
    for (std::size_t comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
        cells.push_back(rest.substr(0, comma));
        rest.erase(0, comma + 1);
    }
    cells.push_back(rest);
    return cells;
}

}  // namespace

Poco::JSON::Object::Ptr objectOf(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
}

ReviewSite::ReviewSite(int sheets, const std::string& profile,
                       std::map<std::string, std::string> environment,
                       const std::function<void(const TemporaryFolder&)>& change)
    : server(site, "0", withPipelines(std::move(environment))), admin(server.signInAdmin()) {
    const auto made =
        runProgram(site.folder.path(), {"sample", "--sheets", std::to_string(sheets), "--profile",
                                        profile, "--out", "b.zip", "--truth", "truth.json"});
    REQUIRE(made.status == 0);
    if (change) change(site.folder);
    truth = objectOf(site.folder.read("truth.json"));
    const Reply created =
        server.client().send("POST", "/api/batches?pipeline=omr-batch", site.folder.read("b.zip"),
                             with(admin, {{"Content-Type", "application/zip"}}));
    REQUIRE(created.status == 201);
    id = value(created.body, "batch_id");
    REQUIRE(server.stream(id, admin).back().name == "complete");
}

Poco::JSON::Array::Ptr ReviewSite::items(const std::string& what) const {
    Poco::JSON::Array::Ptr all = new Poco::JSON::Array;
    std::string after;
    const std::string separator = what.find('?') == std::string::npos ? "?" : "&";
    while (true) {
        const Reply reply = server.client().get(
            at(id, what + separator + "limit=1000" + (after.empty() ? "" : "&after=" + after)),
            admin);
        INFO(reply.body);
        REQUIRE(reply.status == 200);
        const auto page = objectOf(reply.body);
        for (const auto& item : *page->getArray("items")) all->add(item);
        if (page->isNull("next")) return all;
        after = page->getValue<std::string>("next");
    }
}

std::string ReviewSite::trueValue(const std::string& file, const std::string& field) const {
    return truth->getObject(file)->getObject("answers")->getValue<std::string>(field);
}

std::vector<Doubt> ReviewSite::doubts() const {
    const auto rows = this->rows();
    std::vector<Doubt> doubts;
    const auto answers = items("/answers?state=doubtful");
    for (const auto& item : *answers) {
        const auto answer = item.extract<Poco::JSON::Object::Ptr>();
        Doubt doubt{.sheet = answer->getValue<int>("sheet"),
                    .field = answer->getValue<std::string>("field")};
        doubt.truth = trueValue(rows.at(doubt.sheet).at("file"), doubt.field);
        doubts.push_back(std::move(doubt));
    }
    return doubts;
}

Reply ReviewSite::decide(const std::string& json, const Headers& who) const {
    return server.post(at(id, "/decisions"), json, who);
}

Reply ReviewSite::decide(const std::vector<Doubt>& doubts, const Headers& who) const {
    std::string json;
    for (const Doubt& doubt : doubts) {
        json += json.empty() ? "[" : ",";
        json += R"({"sheet":)" + std::to_string(doubt.sheet) + R"(,"field":")" + doubt.field +
                R"(","value":")" + doubt.truth + R"("})";
    }
    return decide(json + "]", who);
}

std::string ReviewSite::apply() const {
    const Reply applied = server.post(at(id, "/decisions/apply"), "", admin);
    INFO(applied.body);
    REQUIRE(applied.status == 202);
    return server.stream(id, admin).back().name;
}

std::string ReviewSite::artifact(const std::string& name) const {
    const Reply reply = server.client().get(at(id, "/artifacts/" + name), admin);
    REQUIRE(reply.status == 200);
    return reply.body;
}

std::map<int, std::map<std::string, std::string>> ReviewSite::rows() const {
    std::istringstream csv(artifact("demo.csv"));
    std::string line;
    std::getline(csv, line);
    const auto columns = cellsOf(line);
    std::map<int, std::map<std::string, std::string>> rows;
    while (std::getline(csv, line)) {
        const auto cells = cellsOf(line);
        std::map<std::string, std::string> row;
        for (std::size_t i = 0; i < cells.size(); ++i) row[columns.at(i)] = cells[i];
        const int sheet = std::stoi(row.at("sheet"));
        rows.emplace(sheet, std::move(row));
    }
    return rows;
}

std::string ReviewSite::wrongAnswers() const {
    std::string wrong;
    for (const auto& [sheet, row] : rows()) {
        const auto answers = truth->getObject(row.at("file"))->getObject("answers");
        for (const auto& [field, answer] : *answers) {
            if (row.at(field) != answer.convert<std::string>())
                wrong += std::to_string(sheet) + " " + field + "=" + row.at(field) + "; ";
        }
    }
    return wrong;
}

void decideAllFromTruth(const ReviewSite& review) {
    const auto doubts = review.doubts();
    REQUIRE_FALSE(doubts.empty());
    const Reply decided = review.decide(doubts, review.admin);
    INFO(decided.body);
    REQUIRE(decided.status == 201);
    CHECK(review.apply() == "complete");
    CHECK(review.wrongAnswers().empty());
    CHECK(review.doubts().empty());
    CHECK(review.items("/decisions?state=applied")->size() == doubts.size());
    CHECK(value(review.server.client().get(at(review.id, "/status"), review.admin).body,
                "execution") == "2");
}

}  // namespace sheafline::test
