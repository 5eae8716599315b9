// An apply of decisions is killed at every fault point that it passes. However often it is killed,
// the resumed apply makes the same CSV, the same table and the same trail of decisions.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
namespace fs = std::filesystem;

namespace {

constexpr const char* kPipeline = SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml";
// The same with people before the last two stages.
constexpr const char* kReviewed = "reviewed.yaml";
// A value, a code and a sheet that is read again: an apply with and without images.
constexpr const char* kDecisions = R"(sheet,field,value,qr,read_again
1,q1,C,,
2,q2,,,
3,,,MATH-9Z/1/1234567,
4,,,,true
)";
constexpr const char* kContinue = "continue\ntrue\n";

class DecidedBatch {
 public:
    // With a review, the batch has doubts and waits; its apply continues the same execution.
    explicit DecidedBatch(bool in_review = false) {
        folder_.write("decisions.csv", kDecisions);
        folder_.write("go.csv", kContinue);
        writeReviewed();
        run({"sample", "--sheets", "6", "--profile", in_review ? "hard" : "clean", "--out",
             "b.zip"},
            0);
        run({"run", in_review ? (folder_ / kReviewed).string() : kPipeline, "--input", "b.zip",
             "--batch-id", "b", "--data-dir", "data"},
            in_review ? 5 : 0);
        run({"decide", "b", "--file", "decisions.csv", "--data-dir", "data"}, 0);
        if (in_review) run({"decide", "b", "--file", "go.csv", "--data-dir", "data"}, 0);
    }

    // The CSV and the trail after an apply in a copy of the data folder, with this fault.
    std::string afterApply(const std::string& fault, const fs::path& counts = {}) const {
        const fs::path data = folder_ / "copy";
        fs::remove_all(data);
        fs::copy(folder_ / "data", data, fs::copy_options::recursive);
        std::map<std::string, std::string> environment;
        if (!fault.empty()) environment["SHEAFLINE_FAULT"] = fault;
        if (!counts.empty()) {
            fs::remove_all(counts);
            fs::create_directories(counts);
            environment["SHEAFLINE_FAULT_COUNT"] = counts.string();
        }
        runProgram(folder_.path(), {"decide", "b", "--apply", "--data-dir", "copy"}, environment);
        // An owner that was killed before its commit has changed nothing: the apply is asked for
        // again. Otherwise the batch is resumed.
        for (int i = 0; i < 4 && pending(); ++i) {
            runProgram(folder_.path(), {"resume", "b", "--data-dir", "copy"});
            if (pending())
                runProgram(folder_.path(), {"decide", "b", "--apply", "--data-dir", "copy"});
        }
        return folder_.read("copy/batches/b/artifacts/demo.csv") + withoutTimes() + tableRows();
    }

    // The names of the fault points that an apply passes, with their processes: "batch.csv.chunk".
    std::vector<std::pair<std::string, std::uintmax_t>> points() const {
        afterApply("", folder_ / "counts");
        std::vector<std::pair<std::string, std::uintmax_t>> found;
        for (const auto& file : fs::directory_iterator(folder_ / "counts"))
            found.emplace_back(file.path().filename().string(), file.file_size());
        std::sort(found.begin(), found.end());
        return found;
    }

    fs::path counts() const { return folder_ / "counts"; }

 private:
    void writeReviewed() const {
        std::ifstream file(kPipeline);
        std::ostringstream text;
        for (std::string line; std::getline(file, line);) {
            const std::string relative = ": templates/";
            if (const auto at = line.find(relative); at != std::string::npos)
                line.replace(at, relative.size(),
                             ": " SHEAFLINE_SOURCE_DIR "/pipelines/templates/");
            if (line == "stages:") text << "review: {before: csv}\n";
            text << line << '\n';
        }
        folder_.write(kReviewed, text.str());
    }

    void run(const std::vector<std::string>& arguments, int status) const {
        const ProgramResult result = runProgram(folder_.path(), arguments);
        INFO(result.err);
        REQUIRE(result.status == status);
    }

    bool pending() const {
        const auto shown =
            runProgram(folder_.path(), {"batches", "show", "b", "--json", "--data-dir", "copy"});
        return shown.out.find(R"("state":"completed")") == std::string::npos ||
               !fs::exists(folder_ / "copy/batches/b/artifacts/decisions.csv");
    }

    // The trail without the time of each decision, which is that of the base folder anyway, and
    // without the execution, which a resumed apply does not change.
    std::string withoutTimes() const {
        return folder_.read("copy/batches/b/artifacts/decisions.csv");
    }

    std::string tableRows() const {
        const auto result = runProgram(folder_.path(), {"sheets", "b", "--data-dir", "copy"});
        return result.out;
    }

    TemporaryFolder folder_{};
};

// Kills an apply at its first pass of each fault point (1), at one in the middle (2), and at its
// last (3). Gives the number of kills.
int killsWithSameResult(const DecidedBatch& batch, const std::string& expected,
                        const std::set<int>& which) {
    int kills = 0;
    for (const auto& [point, passes] : batch.points()) {
        const std::size_t dot = point.find('.');
        const std::string place = point.substr(0, dot) + "/" + point.substr(dot + 1);
        if (place.starts_with("sink")) continue;
        std::vector<std::uintmax_t> at;
        if (which.contains(1)) at.push_back(1);
        if (which.contains(2)) at.push_back(passes / 2);
        if (which.contains(3)) at.push_back(passes);
        at.erase(std::unique(at.begin(), at.end()), at.end());
        for (const std::uintmax_t n : at) {
            if (n == 0) continue;
            const std::string fault = place + ":" + std::to_string(n) + ":kill";
            INFO(fault);
            CHECK(batch.afterApply(fault, batch.counts()) == expected);
            ++kills;
        }
    }
    return kills;
}

}  // namespace

TEST_CASE("an apply inside a review that is killed at any fault point ends with the same CSV") {
    const DecidedBatch batch(true);
    const std::string expected = batch.afterApply("");
    REQUIRE(expected.find("MATH-9Z") != std::string::npos);
    REQUIRE(expected.find("q1:by_hand") != std::string::npos);
    CHECK(killsWithSameResult(batch, expected, {1}) > 15);
}

TEST_CASE("an apply that is killed at any fault point ends with the same CSV") {
    const DecidedBatch batch;
    const std::string expected = batch.afterApply("");
    REQUIRE(expected.find("MATH-9Z") != std::string::npos);
    REQUIRE(expected.find("q1:by_hand") != std::string::npos);
    CHECK(killsWithSameResult(batch, expected, {1, 2, 3}) > 20);
}
