// The program `sheafline`: its command line. What the commands do stands in commands/.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "batch/batch_child.h"
#include "commands/commands.h"
#include "commands/exit_status.h"
#include "settings/settings.h"
#include "workers/local_workers.h"

namespace {

using namespace sheafline;  // NOLINT(google-build-using-namespace): this file is nothing but the
                            // program's surface

class CommandLine {
 public:
    CommandLine() {
        app_.set_version_flag("--version", SHEAFLINE_VERSION);
        app_.require_subcommand(1);
        app_.set_help_all_flag("--help-all", "Help of all commands");
        app_.footer(
            "Exit status: 0 done, 1 the batch failed, 2 bad usage, 3 cancelled, 4 interrupted, 75 "
            "data folder in use,\n"
            "78 data folder unusable. The environment (SHEAFLINE_DATA_DIR, SHEAFLINE_WORK_DIR, "
            "SHEAFLINE_PLUGIN_PATH,\n"
            "SHEAFLINE_LOG_LEVEL) stands in for options that are left out, a file named by "
            "--config for both.");
        addRun();
        addBatches();
        addPipelines();
        addServe();
        addClients();
        addWorkers();
        addUsers();
        addSample();
        addTest();
    }

    int run(int argc, char** argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            const int status = app_.exit(error);
            return status == 0 ? kDone : kBadUsage;
        }
        return guarded([this] {
            const Settings settings = settingsOf(common_);
            // Batch processes get it with the environment: arguments can be read by everybody.
            if (!settings.redis.empty())
                ::setenv("SHEAFLINE_REDIS", settings.redis.c_str(), 1);  // no thread runs yet
            return chosen_(settings);
        });
    }

 private:
    using Command = std::function<int(const Settings&)>;

    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help,
                  Command command) {
        CLI::App* sub = parent.add_subcommand(name, help);
        sub->add_option("--config", common_.config, "configuration file (key = value)");
        sub->add_option("--data-dir", common_.data_dir,
                        "folder of history and batches (default ./sheafline-data)");
        sub->add_option(
            "--work-dir", common_.work_dir,
            "folder for extracted files, may be a tmpfs (default inside the data folder)");
        sub->add_option("--plugin-path", common_.plugin_path,
                        "further folder of plugins, searched first; may be repeated");
        sub->add_option("--log-level", common_.log_level,
                        "debug, info, warning or error (default warning)");
        // A command with commands below it is called after the one that was chosen.
        sub->callback([this, sub, command = std::move(command)] {
            if (sub->get_subcommands().empty()) chosen_ = command;
        });
        return sub;
    }

    void addRedis(CLI::App* command) {
        command->add_option("--redis", common_.redis,
                            "redis://[user:password@]host[:port][/database]; a password is safer "
                            "in SHEAFLINE_REDIS or the configuration file");
    }

    void addRun() {
        CLI::App* run = add(app_, "run", "Run a pipeline on one input, from start to end",
                            [this](const Settings& s) { return runCommand(run_, s); });
        run->add_option("PIPELINE", run_.pipeline, "pipeline file, YAML or JSON")->required();
        run->add_option("--input", run_.input, "the param `input`: the archive of scanned sheets");
        run->add_option("--set", run_.set, "KEY=VALUE, a param of the pipeline; may be repeated");
        run->add_option("--batch-id", run_.batch_id, "id of the batch (default: a new UUID)");
        run->add_option("--sse", run_.sse,
                        "HOST:PORT, a loopback address: serve event stream, progress and status "
                        "there while it runs, without sign-in; port 0 takes a free one");
        run->add_flag("--json", run_.json,
                      "one event a line on standard output, and nothing else there");
        addRedis(run);

        CLI::App* resume =
            add(app_, "resume", "Go on with an interrupted batch", [this](const Settings& s) {
                return plan_ ? resumePlanCommand(batch_, s) : resumeCommand(batch_, json_, s);
            });
        resume->add_option("BATCH", batch_, "its id")->required();
        resume->add_flag("--plan", plan_,
                         "only say what of each stage stands, goes on or runs again, and why");
        resume->add_flag("--json", json_, "one event a line on standard output");

        addRedis(resume);

        CLI::App* retry = add(app_, "retry", "Go on with a failed batch, from its failed stage",
                              [this](const Settings& s) { return retryCommand(batch_, json_, s); });
        retry->add_option("BATCH", batch_, "its id")->required();
        retry->add_flag("--json", json_, "one event a line on standard output");
        addRedis(retry);

        CLI::App* cancel = add(app_, "cancel", "Cancel a batch: its stages stop, cleanup runs",
                               [this](const Settings& s) { return cancelCommand(batch_, s); });
        cancel->add_option("BATCH", batch_, "its id")->required();
    }

    void addBatches() {
        CLI::App* batches = add(app_, "batches", "List the batches; show one; its events",
                                [this](const Settings& s) { return batchesListCommand(json_, s); });
        batches->add_flag("--json", json_, "one JSON object a line");
        CLI::App* list = add(*batches, "list", "All batches, the newest first",
                             [this](const Settings& s) { return batchesListCommand(json_, s); });
        list->add_flag("--json", json_, "one JSON object a line");
        CLI::App* show =
            add(*batches, "show", "One batch with its stages and artifacts",
                [this](const Settings& s) { return batchesShowCommand(batch_, json_, s); });
        show->add_option("BATCH", batch_, "its id")->required();
        show->add_flag("--json", json_, "as JSON");
        CLI::App* events =
            add(*batches, "events", "The events of a batch, one a line",
                [this](const Settings& s) { return batchesEventsCommand(batch_, after_, s); });
        events->add_option("BATCH", batch_, "its id")->required();
        events->add_option("--after", after_, "only those after this seq");
        CLI::App* sheets =
            add(app_, "sheets", "List the sheets of a batch; fix a quarantined one",
                [this](const Settings& s) { return sheetsListCommand(batch_, state_, json_, s); });
        sheets->add_option("BATCH", batch_, "its id");
        sheets->add_option("--state", state_, "only waiting, read, quarantined or discarded ones")
            ->check(CLI::IsMember({"waiting", "read", "quarantined", "discarded"}));
        sheets->add_flag("--json", json_, "one JSON object a line");
        CLI::App* fix =
            add(*sheets, "fix", "Give a quarantined sheet its code, or discard it",
                [this](const Settings& s) { return sheetsFixCommand(batch_, fix_, json_, s); });
        fix->add_option("BATCH", batch_, "id of its batch")->required();
        fix->add_option("SHEET", fix_.sheet, "its number")->required();
        fix->add_option("--qr", fix_.qr, "the text of its QR code");
        fix->add_flag("--discard", fix_.discard, "it is no sheet of this batch");
        fix->add_flag("--json", json_, "one event a line on standard output");
        addRedis(fix);
        CLI::App* evidence =
            add(*sheets, "evidence", "Draw the answers that are in doubt, as PNG files",
                [this](const Settings& s) { return sheetsEvidenceCommand(batch_, evidence_, s); });
        evidence->add_option("BATCH", batch_, "id of its batch")->required();
        evidence->add_option("--sheet", evidence_.sheet,
                             "only this one, and all that was read of it");
        evidence->add_option("--out", evidence_.out, "folder for the pictures (default evidence)");
    }

    void addServe() {
        CLI::App* serve = add(app_, "serve", "Serve the HTTP API: uploads, batches, event streams",
                              [this](const Settings& s) {
                                  return serveCommand([this] { return settingsOf(common_); }, s);
                              });
        serve->add_option("--listen", common_.listen,
                          "HOST:PORT (default 127.0.0.1:8000); port 0 takes a free one");
        addRedis(serve);
    }

    void addClients() {
        CLI::App* watch = add(app_, "watch", "Follow a batch: bars on a terminal, else lines",
                              [this](const Settings& s) { return watchCommand(watch_, s); });
        watch->add_option("BATCH", watch_.batch_id, "its id")->required();
        addServer(*watch, watch_.server);
        watch->add_flag("--json", watch_.json,
                        "one event a line on standard output, and nothing else there");
        CLI::App* submit =
            add(app_, "submit", "Send a file to a server, as a batch there, and follow it",
                [this](const Settings& s) { return submitCommand(submit_, s); });
        submit->add_option("FILE", submit_.file, "the archive of scanned sheets")->required();
        submit->add_option("--pipeline", submit_.pipeline, "name of a pipeline of the server");
        submit->add_option("--set", submit_.set,
                           "KEY=VALUE, a param of the pipeline; may be repeated");
        submit->add_option("--resume", submit_.resume,
                           "BATCH, go on with its upload, which broke off");
        addServer(*submit, submit_.server)->required();
        submit->add_flag("--json", submit_.json,
                         "one event a line on standard output, and nothing else there");
    }

    static CLI::Option* addServer(CLI::App& command, ServerOptions& server) {
        command.add_option("--user", server.user,
                           "sign in by this name; the password is asked for, or read from "
                           "standard input");
        command.add_option("--token-file", server.token_file,
                           "sign in by the token in this file, or - for standard input (default: "
                           "the environment's SHEAFLINE_TOKEN)");
        return command.add_option("--server", server.url,
                                  "http://HOST:PORT or https://HOST, a server of Sheafline");
    }

    void addWorkers() {
        CLI::App* worker =
            add(app_, "worker", "Read sheets of batches on any host that share a Redis",
                [this](const Settings& s) { return workerCommand(worker_, s); });
        addRedis(worker);
        worker
            ->add_option("--concurrency", worker_.concurrency,
                         "sheets at a time (default 0: one for each core)")
            ->check(CLI::Range(0, 1024));
        worker->add_option("--processors", worker_.processors,
                           "names between commas of what it does (default: all that are "
                           "installed)");
        worker->add_option("--heartbeat", worker_.heartbeat,
                           "between two signs of life in the list of workers (default 5s)");
        CLI::App* workers = add(app_, "workers", "List the workers of a Redis and what they do",
                                [this](const Settings& s) { return workersCommand(json_, s); });
        addRedis(workers);
        workers->add_flag("--json", json_, "one JSON object a line");
    }

    void addPipelines() {
        CLI::App* validate =
            add(app_, "validate", "Check a pipeline file and name every mistake",
                [this](const Settings& s) { return validateCommand(file_, json_, s); });
        validate->add_option("PIPELINE", file_, "pipeline file, YAML or JSON")->required();
        validate->add_flag("--json", json_, "one mistake a line, as JSON");
        CLI::App* schema = add(app_, "schema", "Print a JSON Schema, for editors",
                               [this](const Settings& s) { return schemaCommand(name_, s); });
        schema->add_option("NAME", name_, "pipeline (default), event or template")
            ->check(CLI::IsMember({"pipeline", "event", "template"}));
        CLI::App* sheet_template = app_.add_subcommand("template", "Templates of sheets");
        sheet_template->require_subcommand(1);
        CLI::App* check =
            add(*sheet_template, "check", "Draw what a template finds and reads on a scanned sheet",
                [this](const Settings&) { return templateCheckCommand(file_, name_, out_); });
        check->add_option("TEMPLATE", file_, "template file, Sheafline's or OMRChecker's")
            ->required();
        check->add_option("SHEET", name_, "a scanned sheet: JPEG, PNG or TIFF")->required();
        check->add_option("--out", out_, "the PNG to write (default check.png)");
        CLI::App* plugins = add(app_, "plugins", "List the plugins; show one; look at a file",
                                [this](const Settings& s) { return pluginsListCommand(json_, s); });
        plugins->add_flag("--json", json_, "one JSON object a line");
        CLI::App* list = add(*plugins, "list", "All plugins, and the files that were refused",
                             [this](const Settings& s) { return pluginsListCommand(json_, s); });
        list->add_flag("--json", json_, "one JSON object a line");
        CLI::App* show = add(*plugins, "show", "A plugin with its params",
                             [this](const Settings& s) { return pluginsShowCommand(name_, s); });
        show->add_option("NAME", name_, "its name")->required();
        CLI::App* doctor = add(*plugins, "doctor", "Say what is wrong with a plugin file",
                               [this](const Settings&) { return pluginsDoctorCommand(file_); });
        doctor->add_option("FILE", file_, "the .so")->required();
    }

    void addUsers() {
        CLI::App* user = add(app_, "user", "List the users; add, change or remove one",
                             [this](const Settings& s) { return userListCommand(json_, s); });
        const auto one = [&](const char* name, const char* help, Command command) {
            CLI::App* sub = add(*user, name, help, std::move(command));
            sub->add_option("USER", user_, "the user's name")->required();
            return sub;
        };
        const auto role = [&](CLI::App* sub) {
            return sub->add_option("--role", role_, "viewer, operator or admin")
                ->check(CLI::IsMember({"viewer", "operator", "admin"}));
        };
        role(one("add", "Add a user; the password is asked for, or read from standard input",
                 [this](const Settings& s) { return userAddCommand(user_, role_, s); }))
            ->capture_default_str();
        role(one("role", "Give a user another role; ends the user's sessions",
                 [this](const Settings& s) { return userRoleCommand(user_, role_, s); }))
            ->required();
        one("passwd", "Set a user's password; ends the user's sessions",
            [this](const Settings& s) { return userPasswdCommand(user_, s); });
        one("disable", "Let a user in no more; ends the user's sessions",
            [this](const Settings& s) { return userDisableCommand(user_, s); });
        one("enable", "Let a disabled user in again",
            [this](const Settings& s) { return userEnableCommand(user_, s); });
        one("remove", "Remove a user for good: the name is not given out again",
            [this](const Settings& s) { return userRemoveCommand(user_, s); });
        CLI::App* list = add(*user, "list", "All users",
                             [this](const Settings& s) { return userListCommand(json_, s); });
        list->add_flag("--json", json_, "one JSON object a line");
    }

    void addSample() {
        CLI::App* sample =
            add(app_, "sample", "Make a ZIP of filled demo sheets, to try everything with",
                [this](const Settings&) { return sampleCommand(sample_); });
        sample->add_option("--out", sample_.out, "the ZIP to write")->required();
        sample->add_option("--sheets", sample_.sheets, "how many (default 100)")
            ->check(CLI::Range(1, 1'000'000));
        sample->add_option("--truth", sample_.truth, "JSON file of what is true of each sheet");
        sample->add_option("--seed", sample_.seed,
                           "the same seed gives the same bytes (default 1)");
        sample->add_option("--profile", sample_.profile, "clean, typical (default) or hard")
            ->check(CLI::IsMember({"clean", "typical", "hard"}));
        sample->add_option("--dpi", sample_.dpi, "resolution, 100 to 300 (default 150)")
            ->check(CLI::Range(100, 300));
        sample->add_flag("--bad-cases", sample_.bad_cases,
                         "with blank, damaged, truncated and foreign ones besides");
    }

    void addTest() {
        CLI::App* test =
            add(app_, "test", "Prove that a pipeline survives: kill it everywhere, and compare",
                [this](const Settings& s) { return testCommand(test_, s); });
        test->add_option("PIPELINE", test_.run.pipeline, "pipeline file, YAML or JSON")->required();
        test->add_flag("--kill-everywhere", test_.kill_everywhere,
                       "kill -9 at every passage of every fault point, each in a run of its own")
            ->required();
        test->add_option("--input", test_.run.input, "the param `input`");
        test->add_option("--set", test_.run.set, "KEY=VALUE, a param; may be repeated");
        test->add_option("--random", test_.random_kills,
                         "instead, so many runs with kills at random times");
        test->add_option("--seed", test_.seed, "of the first random kill (default 1)");
        test->add_option("--at-most", test_.at_most,
                         "passages of one point, spread over all (default: every one)");
        test->add_option("--only", test_.only, "one case, as a failure names it");
        test->add_option("--jobs", test_.jobs, "cases at a time (default 2)");
    }

    CLI::App app_{"Sheafline runs batch pipelines and shows their progress live.", "sheafline"};
    CommonOptions common_;
    RunOptions run_;
    WatchOptions watch_;
    SubmitOptions submit_;
    SampleCommandOptions sample_;
    TestOptions test_;
    WorkerOptions worker_;
    std::string batch_;
    std::string user_;
    std::string role_ = "operator";
    std::string file_;
    std::string name_ = "pipeline";
    std::string out_ = "check.png";
    std::optional<std::string> state_;
    FixOptions fix_;
    EvidenceOptions evidence_;
    bool plan_ = false;
    std::uint64_t after_ = 0;
    bool json_ = false;
    Command chosen_;
};

}  // namespace

int main(int argc, char** argv) {
    // Started by ourselves, with a socket at descriptor 3: not for people, so not on the command
    // line above.
    if (argc > 1 && std::strcmp(argv[1], "worker-process") == 0)
        return guarded([] { return workSheets(); });
    if (argc > 1 && std::strcmp(argv[1], "batch-process") == 0) {
        return guarded([&] { return runBatchChild(batchChildOptions({argv + 1, argv + argc})); });
    }
    return CommandLine().run(argc, argv);
}
