#include <algorithm>
#include <csignal>
#include <exception>
#include <set>
#include <sstream>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/testing/stage_trial.h>

#include "child_run.h"
#include "durable_state.h"
#include "outcome_of.h"

namespace sheafline::testing {

namespace {

namespace fs = std::filesystem;

constexpr const char* kStateFile = "durable-state";

std::string joined(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += value + '|';
    return text;
}

fs::path below(const fs::path& path, const fs::path& folder) {
    const fs::path relative = path.lexically_relative(folder);
    return relative.empty() ? path : relative;
}

std::string shown(const MemorySheets::Row& row, const fs::path& folder) {
    const Sheet& sheet = row.sheet;
    std::ostringstream line;
    line << sheet.number << ' ' << sheet.file << ' ' << sheet.page << ' '
         << below(sheet.path, folder).string() << ' ' << toString(sheet.state) << " qr=" << sheet.qr
         << " group=" << sheet.group << " reason=" << sheet.reason;
    if (row.reading)
        line << " read=" << joined(row.reading->values) << row.reading->flags << '|'
             << row.reading->confidence;
    if (row.row) line << " row=" << joined(*row.row);
    return line.str();
}

}  // namespace

StageTrial::StageTrial(const fs::path& plugin, GivenParams params)
    : plugin_(plugin),
      params_(std::move(params)),
      run_(folder_.path(), std::string(plugin_.descriptor().name)) {
    run_.countCalls(calls_);
}

void StageTrial::addSheet(const std::string& file, std::string_view bytes) {
    const fs::path name = fs::path("work/sheets") / std::to_string(run_.sheets().size() + 1) / file;
    folder_.write(name, bytes);
    run_.sheets().add({{.file = file, .path = folder_.path() / name}});
}

// What the program does before it starts a stage.
void StageTrial::prepare() {
    calls_.actAt(0, {});
    if (run_.sheets().size() > 0 && !run_.sheets().frozen()) run_.sheets().freeze();
    run_.sheets().flush();
    run_.renewStop();
    if (plugin_.descriptor().restart == Restart::from_scratch) fs::remove_all(run_.folder());
    fs::create_directories(run_.folder());
}

Outcome StageTrial::preflight() {
    return outcomeOf([&] { plugin_.makeStage(params_, folder_.path())->preflight(run_.stop()); });
}

Outcome StageTrial::runOnce() {
    return outcomeOf([&] {
        plugin_.makeStage(params_, folder_.path())->run(run_);
        run_.sheets().flush();
    });
}

Outcome StageTrial::run() {
    prepare();
    calls_.actAt(0, {});
    return runOnce();
}

Outcome StageTrial::runStoppedAt(int call) {
    prepare();
    calls_.actAt(call, [this] { run_.requestStop(); });
    return runOnce();
}

// Called in the child whenever something became durable.
void StageTrial::keepState(const Outcome& outcome) {
    replaceFile(folder_.path() / kStateFile,
                encoded(DurableState{.content = run_.sheets().durable(),
                                     .checkpoint = run_.checkpoint(),
                                     .outcome = outcome}));
}

Outcome StageTrial::runKilledAt(int call) {
    prepare();
    const Outcome killed{.code = "killed", .message = {}};
    keepState(killed);
    const std::string ended = runInChild([&] {
        run_.sheets().onDurable([&] { keepState(killed); });
        calls_.actAt(call, [] { ::kill(::getpid(), SIGKILL); });
        keepState(runOnce());
    });
    DurableState state = decodedState(bytesOf(folder_.path() / kStateFile));
    run_.sheets().restore(std::move(state.content));
    run_.setCheckpoint(std::move(state.checkpoint));
    if (!ended.empty() && ended != "killed by SIGKILL")
        return {.code = "CRASHED", .message = "the stage " + ended};
    return state.outcome;
}

std::string StageTrial::file(const std::string& name) const {
    return bytesOf(run_.folder() / name);
}

std::string StageTrial::artifact(const std::string& name) const {
    return bytesOf(run_.batchFolder() / "artifacts" / name);
}

std::vector<std::string> StageTrial::messages() const {
    std::vector<std::string> messages;
    for (const ProgressEvent& event : run_.progress().events()) messages.push_back(event.message);
    return messages;
}

std::string StageTrial::result() const {
    const MemorySheets::Content content = run_.sheets().content();
    std::ostringstream text;
    text << "columns=" << joined(content.columns) << " entries=" << content.entries_total << '\n';
    for (const auto& [file, reason] : content.skipped)
        text << "skipped " << file << ' ' << reason << '\n';
    for (const MemorySheets::Row& row : content.rows) text << shown(row, folder_.path()) << '\n';
    std::set<fs::path> artifacts;
    std::error_code none;
    for (const auto& item : fs::directory_iterator(run_.batchFolder() / "artifacts", none))
        artifacts.insert(item.path());
    for (const fs::path& file : artifacts)
        text << "artifact " << file.filename().string() << '\n' << bytesOf(file) << '\n';
    return text.str();
}

std::vector<std::string> differencesAfter(Interruption interruption, const fs::path& plugin,
                                          const std::function<void(StageTrial&)>& prepare) {
    StageTrial whole(plugin);
    prepare(whole);
    const Outcome expected = whole.run();
    if (expected.code != "done")
        return {"without an interruption: " + expected.code + ": " + expected.message};
    const std::vector<std::string> names = whole.calls();
    std::vector<std::string> differences;
    for (int call = 1; call <= static_cast<int>(names.size()); ++call) {
        StageTrial trial(plugin);
        prepare(trial);
        const Outcome first =
            interruption == Interruption::kill ? trial.runKilledAt(call) : trial.runStoppedAt(call);
        const Outcome second = trial.run();
        const std::string place = "call " + std::to_string(call) + " (" +
                                  names[static_cast<std::size_t>(call) - 1] + "): ";
        const bool ended_well = first.code == "killed" || first.code == "CANCELLED" ||
                                (interruption == Interruption::stop && first.code == "done");
        if (!ended_well) differences.push_back(place + first.code + " " + first.message);
        if (second.code != "done")
            differences.push_back(place + "the next run ends with " + second.code + ": " +
                                  second.message);
        else if (trial.result() != whole.result())
            differences.push_back(place + "the result differs:\n" + trial.result());
    }
    return differences;
}

}  // namespace sheafline::testing
