#include "faults/kill_everywhere.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <ostream>
#include <random>
#include <stop_token>
#include <thread>

#include <sheafline/error.h>

#include "base/data_folder.h"
#include "base/file_digest.h"
#include "base/process_tree.h"
#include "command_parts/exit_status.h"
#include "faults/batch_outcome.h"
#include "faults/child_program.h"
#include "history/history_reader.h"

namespace sheafline::faults {

namespace {

constexpr const char* kBatch = "b";
constexpr const char* kSheetPoint = "worker/worker.sheet";
constexpr int kKilled = 128 + SIGKILL;
constexpr int kMostKills = 3;  // of one batch, at random times
constexpr std::chrono::milliseconds kReadyWithin{5'000};

std::map<std::string, long> passagesIn(const std::filesystem::path& folder) {
    std::map<std::string, long> passages;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::string point = entry.path().filename();
        point[point.find('.')] = '/';  // role.name
        passages[point] = static_cast<long>(entry.file_size());
    }
    return passages;
}

bool batchExists(const DataFolder& folder) {
    if (!std::filesystem::exists(folder.history().file)) return false;
    try {
        return HistoryReader(folder.history()).batch(kBatch).has_value();
    } catch (const Error&) {
        return false;  // killed before its tables existed
    }
}

std::string wholeLines(const std::string& text) {
    return text.substr(0, text.find_last_of('\n') + 1);
}

// Every event that was shown must be a committed one: the lines are in the history, in this order.
std::string unknownEvents(const DataFolder& folder, const std::string& shown) {
    std::string log;
    for (const CommittedEvent& event :
         HistoryReader(folder.history()).eventsOf(kBatch, 0, 1'000'000'000))
        log += event.json + '\n';
    return log.find(wholeLines(shown)) == std::string::npos
               ? "events were shown that the history does not have in that order\n"
               : "";
}

// Kills the owner, its batch process or a worker, chosen at random, after a random time; none if it
// is destroyed before.
class RandomKill {
 public:
    RandomKill(pid_t owner, std::chrono::milliseconds longest, std::mt19937_64& random)
        : thread_([owner, after = std::uniform_int_distribution<long>(0, longest.count())(random),
                   depth = std::uniform_int_distribution<int>(-1, 4)(random)](
                      const std::stop_token& stop) {
              std::mutex mutex;
              std::unique_lock lock(mutex);
              std::condition_variable_any never;
              never.wait_for(lock, stop, std::chrono::milliseconds(after), [] { return false; });
              if (!stop.stop_requested()) ::kill(descendant(owner, depth), SIGKILL);
          }) {}

 private:
    static pid_t descendant(pid_t pid, int depth) {
        for (; depth > 0; --depth) {
            const auto children = childrenOf(pid);
            if (children.empty()) break;
            pid = children.front();
        }
        return pid;
    }

    std::jthread thread_;
};

}  // namespace

KillEverywhere::KillEverywhere(KillOptions options, std::ostream& report)
    : options_(std::move(options)), report_(report) {}

std::vector<std::string> KillEverywhere::command(const std::string& name,
                                                 const std::filesystem::path& data) const {
    std::vector<std::string> words{name};
    words.insert(words.end(), options_.common.begin(), options_.common.end());
    for (const char* word : {"--json", "--log-level", "error", "--data-dir"})
        words.emplace_back(word);
    words.push_back(data);
    if (name != "run") {
        words.emplace_back(kBatch);
        return words;
    }
    words.insert(words.end(), {"--batch-id", kBatch});
    words.insert(words.end(), options_.run.begin(), options_.run.end());
    return words;
}

void KillEverywhere::runUndisturbed() {
    const auto folder = options_.folder / "undisturbed";
    const auto counts = folder / "passages";
    std::filesystem::create_directories(counts);
    const auto started = std::chrono::steady_clock::now();
    ChildProgram program(command("run", folder / "data"), {{"SHEAFLINE_FAULT_COUNT", counts}},
                         folder / "err");
    program.readToEnd();
    status_ = program.wait();
    duration_ =
        std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - started);
    const DataFolder data(folder / "data");
    if ((status_ != kDone && status_ != kBatchFailed) || !batchExists(data)) {
        throw ConfigError("the pipeline fails without a kill:\n" + fileText(folder / "err"));
    }
    outcome_ = outcomeOf(data, kBatch);
    if (const std::string faults = eventFaults(data, kBatch); !faults.empty())
        throw ConfigError("the run without a kill has wrong events: " + faults);
    passages_ = passagesIn(counts);
}

std::vector<KillEverywhere::Case> KillEverywhere::casesOf(const std::string& point,
                                                          long passages) const {
    const long count = options_.at_most > 0 ? std::min<long>(options_.at_most, passages) : passages;
    std::vector<Case> cases;
    for (long i = 0; i < count; ++i) {
        // The first, the last, and others evenly between them.
        const long at = count == 1 ? 1 : 1 + i * (passages - 1) / (count - 1);
        const std::string place = point + ':' + std::to_string(at);
        cases.push_back({.name = "at=" + place, .fault = place + ":kill"});
    }
    return cases;
}

std::vector<KillEverywhere::Case> KillEverywhere::cases() const {
    std::vector<Case> cases;
    if (options_.only) return {{.name = "at=" + *options_.only, .fault = *options_.only + ":kill"}};
    for (int i = 0; i < options_.random_kills; ++i) {
        const std::uint64_t seed = options_.seed + static_cast<std::uint64_t>(i);
        cases.push_back({.name = "seed=" + std::to_string(seed), .seed = seed});
    }
    if (options_.random_kills > 0) return cases;
    for (const auto& [point, passages] : passages_) {
        auto more = casesOf(point, passages);
        std::move(more.begin(), more.end(), std::back_inserter(cases));
    }
    return cases;
}

bool KillEverywhere::run() {
    runUndisturbed();
    const std::vector<Case> all = cases();
    std::atomic<std::size_t> next{0};
    {
        std::vector<std::jthread> threads;
        threads.reserve(static_cast<std::size_t>(options_.jobs));
        for (int i = 0; i < options_.jobs; ++i) {
            threads.emplace_back([&] {
                for (std::size_t at = next++; at < all.size(); at = next++)
                    report(all[at], verdictOf(all[at]));
            });
        }
    }
    report_ << passed_ << " of " << all.size() << " kills survived; without a kill "
            << duration_.count() << " ms, slowest resume ready after " << slowest_resume_.count()
            << " ms, most sheets done again " << most_redone_ << '\n';
    return failed_ == 0;
}

void KillEverywhere::report(const Case& one, const Verdict& verdict) {
    const std::lock_guard lock(mutex_);
    slowest_resume_ = std::max(slowest_resume_, verdict.ready);
    most_redone_ = std::max(most_redone_, verdict.redone);
    const bool passed = verdict.faults.empty();
    ++(passed ? passed_ : failed_);
    report_ << "FAULT " << (one.seed ? "F2 " : "F1 ") << one.name << (passed ? " PASS" : " FAIL")
            << std::endl;
    if (passed) return;
    report_ << verdict.faults << "  repeat: " << options_.repeat
            << (one.seed ? " --random 1 --seed " + std::to_string(*one.seed)
                         : " --only " + one.name.substr(3))
            << std::endl;
}

KillEverywhere::Verdict KillEverywhere::verdictOf(const Case& one) const {
    std::string name = one.name;
    std::replace(name.begin(), name.end(), '/', '.');
    const auto folder = options_.folder / name;
    std::filesystem::create_directories(folder / "passages");
    Verdict verdict;
    try {
        verdict = survive(one, folder);
    } catch (const std::exception& error) {
        verdict.faults = std::string(error.what()) + '\n';
    }
    // The files of a failed case are kept for inspection.
    if (verdict.faults.empty()) std::filesystem::remove_all(folder);
    return verdict;
}

KillEverywhere::Verdict KillEverywhere::survive(const Case& one,
                                                const std::filesystem::path& folder) const {
    const DataFolder data(folder / "data");
    std::map<std::string, std::string> environment{{"SHEAFLINE_FAULT_COUNT", folder / "passages"}};
    if (!one.fault.empty()) environment["SHEAFLINE_FAULT"] = one.fault;
    std::mt19937_64 random(one.seed.value_or(0));
    Verdict verdict;
    int status = kKilled;
    for (int kills = 0; status == kKilled; ++kills) {
        if (options_.lose_work && kills > 0) std::filesystem::remove_all(data.work(""));
        // No event was shown before the batch existed.
        const bool exists = batchExists(data);
        ChildProgram program(command(exists ? "resume" : "run", data.data()), environment,
                             folder / "err");
        {
            std::optional<RandomKill> killer;
            if (one.seed && kills < kMostKills && (kills == 0 || random() % 2 == 0))
                killer.emplace(program.pid(), duration_, random);
            program.readToEnd();
        }
        status = program.wait();
        if (status != kKilled && exists)
            verdict.ready = std::max(verdict.ready, program.readyAfter());
        if (batchExists(data)) verdict.faults += unknownEvents(data, program.output());
    }
    if (status == kBadUsage && batchExists(data) &&
        isFinal(HistoryReader(data.history()).batch(kBatch)->state)) {
        status = status_;  // the batch had already ended; there was nothing to resume
    }
    if (status != status_) {
        verdict.faults += "exit status " + std::to_string(status) + " instead of " +
                          std::to_string(status_) + ":\n" + fileText(folder / "err");
    }
    if (const auto difference = firstDifference(outcome_, outcomeOf(data, kBatch));
        !difference.empty())
        verdict.faults += "the result differs: " + difference + '\n';
    verdict.faults += eventFaults(data, kBatch);
    if (verdict.ready > kReadyWithin)
        verdict.faults +=
            "the resume was not ready before " + std::to_string(verdict.ready.count()) + " ms\n";
    const auto sheets = passages_.find(kSheetPoint);
    if (sheets != passages_.end())
        verdict.redone = passagesIn(folder / "passages")[kSheetPoint] - sheets->second;
    return verdict;
}

}  // namespace sheafline::faults
