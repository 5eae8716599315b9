// Runs one program as a stage: an argument list without a shell, in the stage's folder. The program
// reports by lines on standard output:
//
//     line     := a JSON object with any of these keys; any other line goes to the log
//     done     := number    how much is done, in what the program counts
//     total    := number    of how much
//     message  := text      what is shown with it
//     sheet    := number    a sheet that cannot be used, with `reason`: it is quarantined
//     artifact := text      the name of a file in the stage's folder that is kept
//
// Exit status 0 is success, 75 (EX_TEMPFAIL) a transient error, any other a permanent one. The
// program ends with its stage, along with everything that it started.
#include <array>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/json_writer.h>
#include <sheafline/plugin.h>
#include <sheafline/run_program.h>

#include "program_line.h"

namespace sheafline::exec {

namespace {

namespace fs = std::filesystem;

constexpr int kTryAgain = 75;  // EX_TEMPFAIL of sysexits.h
constexpr std::size_t kMostArtifacts = 1'000;
// The timeout of the stage limits the program.
constexpr std::chrono::hours kNoLimit{24 * 365};

struct Options {
    std::vector<std::string> command;
    std::vector<std::string> artifacts;
    std::vector<std::string> env;
    std::uint64_t max_line;
    fs::path pipeline_folder;

    explicit Options(Params& p)
        : command(p.list("command", {.help = "program and arguments; {folder} {sheets} {paths} "
                                             "{pipeline} {batch} and {input} are replaced. The "
                                             "program starts in the stage's folder",
                                     .required = true,
                                     .min = "1",
                                     .scope = ParamScope::operator_only})),
          artifacts(
              p.list("artifacts", {.help = "names of files that the program must leave in its "
                                           "folder; they are kept",
                                   .default_value = ""})),
          env(p.list("env", {.help = "names of environment variables that the program gets besides "
                                     "PATH, HOME, LANG and TMPDIR",
                             .default_value = ""})),
          max_line(p.size("max_line", {.help = "most bytes of one line that the program prints",
                                       .default_value = "64KiB",
                                       .min = "1KiB",
                                       .max = "16MiB"})),
          pipeline_folder(p.folder()) {}
};

// The sheets as JSON Lines, for {sheets}; and the paths of those that can be used, for {paths}.
struct SheetFiles {
    fs::path sheets;
    fs::path paths;
};

SheetFiles writeSheets(StageRun& run) {
    SheetFiles files{.sheets = run.folder() / "sheets.jsonl", .paths = run.folder() / "paths.txt"};
    DurableFile sheets(files.sheets);
    DurableFile paths(files.paths);
    for (int number = 1; number <= static_cast<int>(run.sheets().size()); ++number) {
        throwIfStopped(run.stop());
        const Sheet sheet = run.sheets().at(number);
        JsonWriter json;
        json.beginObject().integer("number", sheet.number).text("file", sheet.file);
        json.integer("page", sheet.page).text("path", sheet.path.native());
        json.text("state", toString(sheet.state)).text("qr", sheet.qr).text("group", sheet.group);
        sheets.write(json.endObject().take() + "\n");
        const bool usable = sheet.state == SheetState::waiting || sheet.state == SheetState::read;
        if (usable && !sheet.path.empty()) paths.write(sheet.path.native() + "\n");
    }
    sheets.publish();
    paths.publish();
    return files;
}

class Exec : public Stage {
 public:
    explicit Exec(Params& params) : options_(params) {}

    void preflight(std::stop_token) override { static_cast<void>(program()); }

    void run(StageRun& run) override {
        // Of this thread, and so of the program: it cannot gain rights, as by set-user-ID files.
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        const std::vector<std::string> arguments = argumentsFor(run);
        std::set<std::string> artifacts(options_.artifacts.begin(), options_.artifacts.end());
        std::vector<std::string> environment = plainEnvironment(options_.env);
        if (run.epoch() > 0)
            environment.push_back("SHEAFLINE_EPOCH=" + std::to_string(run.epoch()));
        const ProgramEnd end =
            runProgram({.arguments = arguments,
                        .folder = run.folder(),
                        .environment = std::move(environment),
                        .timeout = kNoLimit,
                        .max_output = options_.max_line,
                        .stop = run.stop(),
                        .on_line = [&](std::string_view line) { take(line, run, artifacts); }});
        throwIfStopped(run.stop());
        if (!end.error.empty()) throwFailure(end);
        for (const std::string& name : artifacts) keep(name, run);
    }

 private:
    fs::path program() const {
        return requireProgram(options_.command.front(), options_.pipeline_folder);
    }

    std::vector<std::string> argumentsFor(StageRun& run) const {
        const SheetFiles files = writeSheets(run);
        const std::array<std::pair<std::string_view, std::string>, 6> values{
            {{"{folder}", run.folder().string()},
             {"{sheets}", files.sheets.string()},
             {"{paths}", files.paths.string()},
             {"{pipeline}", options_.pipeline_folder.string()},
             {"{batch}", std::string(run.batchId())},
             {"{input}", std::string(run.inputName())}}};
        std::vector<std::string> arguments{program().string()};
        for (std::size_t i = 1; i < options_.command.size(); ++i) {
            std::string argument = withPlaceholders(options_.command[i], values);
            if (options_.command[i].starts_with("{input}") && argument.starts_with('-'))
                throw Error(ErrorClass::permanent, "PROGRAM_ARGUMENT",
                            "the name of the input begins with '-', so the program would take it "
                            "for an option; write an argument such as --name={input} in `command`");
            if (argument.find('\0') != std::string::npos)
                throw Error(
                    ErrorClass::permanent, "PROGRAM_ARGUMENT",
                    "argument " + std::to_string(i) + " of `command` has a NUL byte; remove it");
            arguments.push_back(std::move(argument));
        }
        return arguments;
    }

    static void take(std::string_view text, StageRun& run, std::set<std::string>& artifacts) {
        const auto line = parsedLine(text);
        if (!line) return run.log().info(text);
        if (line->sheet) quarantine(*line, run);
        if (line->artifact) artifacts.insert(*line->artifact);
        if (artifacts.size() > kMostArtifacts)
            throw Error(ErrorClass::permanent, "PROGRAM_ARTIFACTS",
                        "the program names more than " + std::to_string(kMostArtifacts) +
                            " artifacts; let it pack them into one file");
        if (line->done || line->message)
            run.progress().publish({.message = line->message.value_or("Running the program"),
                                    .done = line->done.value_or(0),
                                    .total = line->total.value_or(0)});
    }

    static void quarantine(const ProgramLine& line, StageRun& run) {
        const std::int64_t number = *line.sheet;
        if (number < 1 || number > static_cast<std::int64_t>(run.sheets().size()))
            throw Error(ErrorClass::permanent, "PROGRAM_SHEET",
                        "the program names sheet " + std::to_string(number) + ", but there are " +
                            std::to_string(run.sheets().size()) +
                            " sheets; use the numbers of the file {sheets}");
        run.sheets().quarantine(static_cast<int>(number),
                                line.reason.value_or("the program gave no reason"));
    }

    [[noreturn]] static void throwFailure(const ProgramEnd& end) {
        if (end.status == kTryAgain)
            throw Error(ErrorClass::transient, "PROGRAM_FAILED",
                        end.error + "; status 75 means that another attempt may succeed");
        throw Error(ErrorClass::permanent, "PROGRAM_FAILED",
                    end.error + "; correct the program or `command`");
    }

    // The program has ended, so nothing replaces the file between the check and the move.
    static void keep(const std::string& name, StageRun& run) {
        const fs::path file = run.folder() / name;
        const bool plain = !name.empty() && name.find('/') == std::string::npos;
        // A link could name any file that this process may read.
        if (!plain || fs::symlink_status(file).type() != fs::file_type::regular)
            throw Error(ErrorClass::permanent, "PROGRAM_ARTIFACTS",
                        "the program left no file '" + name +
                            "' in its folder; an artifact is a file there, not a link, and its "
                            "name has no folders");
        run.artifact({.name = name, .path = file});
    }

    const Options options_;
};

}  // namespace

}  // namespace sheafline::exec

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "exec",
    .version = "1.0.0",
    .summary = "runs a program over the sheets of the batch; its lines of JSON are the progress",
    .stage = "running_program",
    .params = sheafline::paramsOf<sheafline::exec::Options>,
    .make_stage = sheafline::makeStage<sheafline::exec::Exec>};
