// The server of a batch is lost at a fault point, and another one takes the batch over: killed with
// its disk, or stopped and continued after the takeover. SHEAFLINE_TEST_POINTS is a regular
// expression of the points, such as "batch/db_load|commit".
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "takeover/served_batch.h"

using namespace sheafline::test;

namespace {

using Clock = std::chrono::steady_clock;

const std::filesystem::path kRoot = SHEAFLINE_SOURCE_DIR;

// The fault points in docs/fault-points.md.
std::set<std::string> documentedPoints() {
    std::ifstream file(kRoot / "docs/fault-points.md");
    std::set<std::string> names;
    std::smatch match;
    for (std::string line; std::getline(file, line);)
        if (std::regex_match(line, match, std::regex(R"(\| `([^`]+)` \|.*)")))
            names.insert(match[1]);
    return names;
}

struct ListedPoints {
    std::set<std::string> all{};
    std::set<std::string> passed{};
};

ListedPoints listedPoints() {
    std::ifstream file(kRoot / "tests/many_servers/takeover_points.txt");
    ListedPoints points;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        const auto end = line.find(" |");
        points.all.insert(line.substr(0, end));
        if (end + 2 == line.size()) points.passed.insert(line.substr(0, end));
    }
    return points;
}

std::regex wantedPoints() {
    const char* form = std::getenv("SHEAFLINE_TEST_POINTS");
    return std::regex(form == nullptr ? "" : form);
}

// The site with what a batch without a fault gives.
class Points {
 public:
    Points() {
        const ServedBatch undisturbed(site_, std::nullopt);
        result_ = undisturbed.result();
        passes_ = undisturbed.passes();
        INFO(undisturbed.mistakes());
        REQUIRE(undisturbed.mistakes().empty());
    }

    const std::map<std::string, long>& passes() const { return passes_; }
    void takeOver(const FaultPass& fault) {
        const auto begun = Clock::now();
        const std::string name = fault.point + ":" + std::to_string(fault.pass);
        std::string mistakes;
        bool taken_over = false;
        try {
            const ServedBatch batch(site_, fault);
            mistakes = batch.mistakes();
            if (batch.result() != result_) mistakes += "the result differs\n";
            taken_over = batch.takenOver();
        } catch (const std::exception& error) {
            mistakes = error.what();
        }
        takeovers_ += taken_over ? 1 : 0;
        const std::chrono::duration<double> seconds = Clock::now() - begun;
        std::cout << "takeover at " << name << (fault.loss == Loss::killed ? " killed" : " stopped")
                  << (mistakes.empty() ? taken_over ? " PASS" : " NOT REACHED" : " FAIL") << ", "
                  << seconds.count() << " s\n"
                  << mistakes << std::flush;
        INFO(name << ": " << mistakes);
        CHECK(mistakes.empty());
        // Another run may pass a point less often.
        CHECK((taken_over || fault.pass > 1));
    }

    // At the first pass of each point, and at one in the middle.
    void takeOverEverywhere(Loss loss) {
        const auto begun = Clock::now();
        int places = 0;
        for (const auto& [point, passes] : passes_) {
            if (!std::regex_search(point, wantedPoints())) continue;
            std::set<long> some{1, (passes + 1) / 2};
            if (loss == Loss::stopped && point.starts_with("owner/")) {
                // A server that does not run the batch loses nothing by a stop.
                if (!point.starts_with("owner/history.")) continue;
                some = {passes / 2, passes * 2 / 3};
            }
            ++places;
            for (const long pass : some) takeOver({.point = point, .pass = pass, .loss = loss});
        }
        const std::chrono::duration<double> seconds = Clock::now() - begun;
        std::cout << places << " points, counted for each kind of process, " << takeovers_
                  << " takeovers, " << seconds.count() << " s\n";
    }

 private:
    TakeoverSite site_{};
    std::string result_{};
    std::map<std::string, long> passes_{};
    int takeovers_ = 0;
};

}  // namespace

TEST_CASE("a batch whose server is lost at a fault point continues on another server") {
    Points points;
    std::set<std::string> passed;
    for (const auto& [point, passes] : points.passes())
        passed.insert(point.substr(point.find('/') + 1));
    CHECK(passed == listedPoints().passed);
    CHECK(listedPoints().all == documentedPoints());
    points.takeOver({.point = "batch/db_load.replace", .loss = Loss::stopped});
}

TEST_CASE("a batch whose server is killed at any fault point continues on another server",
          "[.killed]") {
    Points().takeOverEverywhere(Loss::killed);
}

TEST_CASE("a server that is stopped at any fault point changes nothing after a takeover",
          "[.stopped]") {
    Points().takeOverEverywhere(Loss::stopped);
}
