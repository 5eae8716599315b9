// A data folder whose permissions are removed, before a run and during one.
#include <filesystem>
#include <linux/capability.h>
#include <memory>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "held_batch.h"
#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::faults;

namespace fs = std::filesystem;

namespace {

// Without these capabilities, permissions apply to root too. A thread gives them up for the
// processes that it starts.
std::unique_ptr<Program> boundByPermissions(const fs::path& folder,
                                            const std::vector<std::string>& arguments) {
    std::unique_ptr<Program> program;
    std::jthread([&] {
        for (const int right : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH})
            ::prctl(PR_CAPBSET_DROP, right, 0, 0, 0);
        program = std::make_unique<Program>(folder, arguments);
    }).join();
    return program;
}

class TakenAway {
 public:
    TakenAway(fs::path path, int left) : path_(std::move(path)), before_(status()) {
        fs::permissions(path_, static_cast<fs::perms>(left));
    }
    ~TakenAway() { fs::permissions(path_, before_); }
    TakenAway(const TakenAway&) = delete;
    TakenAway& operator=(const TakenAway&) = delete;

 private:
    fs::perms status() const { return fs::status(path_).permissions(); }

    const fs::path path_;
    const fs::perms before_;
};

struct Case {
    const char* part;
    int left;  // of its permissions
};

}  // namespace

TEST_CASE("an inaccessible data folder is rejected, and the error names the part", "[F13]") {
    const Case one = GENERATE(Case{"", 0555}, Case{"", 0}, Case{"work", 0555}, Case{"batches", 0},
                              Case{"history.db", 0444}, Case{"history.db", 0});
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    folder.write("go", "");
    const std::vector<std::string> run{"run", "p.yaml", "--batch-id"};
    const auto with = [&](const char* batch) {
        auto words = run;
        words.emplace_back(batch);
        return boundByPermissions(folder.path(), words)->wait();
    };
    REQUIRE(with("a").status == 0);
    const fs::path part = (folder / "sheafline-data") / one.part;
    INFO(part << ' ' << one.left);
    {
        const TakenAway taken(part, one.left);
        const auto rejected = with("b");
        INFO(rejected.out << rejected.err);
        CHECK(rejected.status == 78);
        CHECK(rejected.err.find(one.part + std::string(" cannot be used: Permission denied")) !=
              std::string::npos);
    }
    CHECK(with("b").status == 0);
}

TEST_CASE("permissions removed during a batch fail it by name and blame no sheet", "[F13]") {
    const std::string part = GENERATE(as<std::string>{}, ".", "work", "work/b", "batches");
    const TemporaryFolder folder;
    folder.write("p.yaml", kHeldBatch);
    const fs::path data = folder / "sheafline-data";
    const auto program =
        boundByPermissions(folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(program->waitForOutput("waiting"));
    {
        const TakenAway taken(data / part, 0);
        folder.write("go", "");
        const auto result = program->wait();
        INFO(result.out << result.err);
        CHECK((result.status == 1 || result.status == 4));
        CHECK(result.out.find("\"message\":\"Permission denied: ") != std::string::npos);
    }
    const bool failed = HistoryReader(data / "history.db").batch("b")->state == BatchState::failed;
    const auto next = boundByPermissions(folder.path(), {failed ? "retry" : "resume", "b"})->wait();
    INFO(next.out << next.err);
    CHECK(next.status == 0);
    CHECK(HistoryReader(data / "history.db").batch("b")->sheets_read == 40);
}
