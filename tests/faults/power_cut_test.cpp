// A power cut at many moments of a batch: the durable part is resumed and gives the same result.
//
//     SHEAFLINE_TEST_POWER_CUTS=500 power_cut_test --rng-seed 1        ; how many moments
#include "power_cut.h"

#include <cstdlib>
#include <random>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "faults/batch_outcome.h"
#include "history/history_reader.h"
#include "program.h"
#include "shim_run.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::faults;

namespace {

int rounds() {
    const char* text = std::getenv("SHEAFLINE_TEST_POWER_CUTS");
    return text == nullptr ? 12 : std::atoi(text);
}

// A batch of the main pipeline, recorded to its end.
struct Recorded {
    TemporaryFolder folder{};
    std::filesystem::path root{folder / "sheafline-data"};
    std::string outcome{};
    std::map<std::string, std::string> published{};  // artifact, bytes

    Recorded() {
        runProgram(folder.path(), {"sample", "--sheets", "5", "--out", "s.zip"});
        folder.write("boot-1", "the first start of this machine\n");
        folder.write("boot-2", "the start after the cut\n");
        const auto result = runProgram(
            folder.path(),
            {"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml", "--input", "s.zip", "--set",
             "workers=1", "--batch-id", "b", "--json"},
            withShim(root, {{"SHIM_RECORD", folder / "log"}, {"SHIM_BOOT_ID", folder / "boot-1"}}));
        INFO(result.err);
        REQUIRE(result.status == 0);
        outcome = outcomeOf(DataFolder(root), "b");
        published = artifacts();
    }

    std::map<std::string, std::string> artifacts() const {
        std::map<std::string, std::string> all;
        const auto place = root / "batches/b/artifacts";
        if (!std::filesystem::exists(place)) return all;
        for (const auto& entry : std::filesystem::directory_iterator(place)) {
            const std::string name = entry.path().filename();
            if (name.front() != '.')
                all[name] = folder.read("sheafline-data/batches/b/artifacts/" + name);
        }
        return all;
    }

    // Every event that was shown before the power cut is in the history after it.
    std::string lostEvents(const std::string& shown) const {
        const std::string whole = shown.substr(0, shown.rfind('\n') + 1);
        if (whole.empty()) return {};
        std::string log;
        for (const CommittedEvent& event :
             HistoryReader(root / "history.db").eventsOf("b", 0, 1'000'000))
            log += event.json + '\n';
        return log.starts_with(whole) ? "" : "shown:\n" + whole + "stored:\n" + log;
    }

    ProgramResult goOn() const {
        bool there = false;
        try {
            there = HistoryReader(root / "history.db").batch("b").has_value();
        } catch (const Error&) {  // the cut was before the history existed
        }
        std::vector<std::string> words{"resume", "b", "--json"};
        if (!there) {
            words = {"run",        SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                     "--input",    "s.zip",
                     "--set",      "workers=1",
                     "--batch-id", "b",
                     "--json"};
        }
        return runProgram(folder.path(), words,
                          withShim(root, {{"SHIM_BOOT_ID", folder / "boot-2"}}));
    }
};

}  // namespace

TEST_CASE(
    "a power cut at any moment loses nothing that was shown, and the batch ends with the same "
    "result",
    "[F4]") {
    if (!kShimWorks) {
        WARN("skipped: a sanitizer stands where the shim would");
        return;
    }
    const Recorded recorded;
    const PowerCut cut(recorded.folder / "log", recorded.root);
    REQUIRE(cut.moments() > 100);
    std::mt19937_64 random(Catch::rngSeed());
    for (int round = 0; round < rounds(); ++round) {
        const std::size_t moment = random() % (cut.moments() + 1);
        const std::uint64_t seed = random();
        INFO("moment " << moment << " of " << cut.moments() << ", disk " << seed);
        cut.build(moment, seed);
        for (const auto& [name, bytes] : recorded.artifacts())
            CHECK(bytes == recorded.published.at(name));
        const auto result = recorded.goOn();
        INFO(result.out << result.err);
        const bool had_ended =
            result.status == 2 && result.err.find("is already completed") != std::string::npos;
        REQUIRE((result.status == 0 || had_ended));
        CHECK(recorded.lostEvents(cut.shownBefore(moment)).empty());
        const DataFolder data(recorded.root);
        CHECK(firstDifference(recorded.outcome, outcomeOf(data, "b")).empty());
        CHECK(eventFaults(data, "b").empty());
    }
}
