// run, resume, retry, cancel, watch, batches and sheets; backup and restore.
#include <memory>

#include <CLI/CLI.hpp>

#include "command_line/command_line.h"
#include "command_line/server_options.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

constexpr const char* kJsonEvents =
    "print one event per line on standard output, and nothing else there";

void addBatch(CLI::App& command, std::string& batch_id) {
    command.add_option("BATCH", batch_id, "id of the batch")->required();
}

void addRun(CommandLine& line) {
    const auto options = std::make_shared<RunOptions>();
    CLI::App& run = line.add(line.root(), "run", "Run a pipeline on one input, from start to end",
                             [options](const Settings& s) { return runCommand(*options, s); });
    run.add_option("PIPELINE", options->pipeline,
                   "pipeline file (YAML or JSON), or the name of an installed pipeline")
        ->required();
    run.add_option("--input", options->input,
                   "the param `input`: a ZIP of scanned sheets, a PDF, or a JPEG, PNG, TIFF or "
                   "WebP; several files become one archive");
    run.add_option("--set", options->set, "KEY=VALUE, a param of the pipeline; repeatable");
    run.add_option("--batch-id", options->batch_id, "id of the batch (default: a new UUID)");
    run.add_option("--name", options->name, "name of the batch (default: the input's own name)");
    run.add_option("--label", options->labels, "KEY=VALUE, a label of the batch; repeatable");
    run.add_option("--sse", options->sse,
                   "HOST:PORT, a loopback address: serve event stream, progress and status "
                   "there while the batch runs, without sign-in; port 0 selects a free one");
    run.add_flag("--json", options->json, kJsonEvents);
    line.addRedis(run);
}

void addResume(CommandLine& line) {
    const auto options = std::make_shared<ResumeOptions>();
    CLI::App& resume = line.add(
        line.root(), "resume", "Resume an interrupted batch", [options](const Settings& s) {
            return options->plan ? resumePlanCommand(*options, s) : resumeCommand(*options, s);
        });
    addBatch(resume, options->batch_id);
    resume.add_flag("--plan", options->plan,
                    "only print which stages are kept, resumed or rerun, and why");
    resume.add_flag("--json", options->json, kJsonEvents);
    line.addRedis(resume);
}

void addRestart(CommandLine& line, CLI::App& command, RestartOptions& options) {
    command.add_flag("--no-wait", options.no_wait,
                     "do not follow the batch when another process owns the data folder");
    command.add_flag("--json", options.json, kJsonEvents);
    line.addRedis(command);
}

void addRetry(CommandLine& line) {
    const auto batch_id = std::make_shared<std::string>();
    const auto options = std::make_shared<RestartOptions>();
    CLI::App& retry =
        line.add(line.root(), "retry", "Retry a failed batch, starting at the stage that failed",
                 [=](const Settings& s) { return retryCommand(*batch_id, *options, s); });
    addBatch(retry, *batch_id);
    addRestart(line, retry, *options);
}

void addCancel(CommandLine& line) {
    const auto batch_id = std::make_shared<std::string>();
    CLI::App& cancel =
        line.add(line.root(), "cancel", "Cancel a batch: its stages stop, then cleanup runs",
                 [batch_id](const Settings& s) { return cancelCommand(*batch_id, s); });
    addBatch(cancel, *batch_id);
}

void addWatch(CommandLine& line) {
    const auto options = std::make_shared<WatchOptions>();
    CLI::App& watch =
        line.add(line.root(), "watch", "Follow a batch: progress bars on a terminal, else lines",
                 [options](const Settings& s) { return watchCommand(*options, s); });
    addBatch(watch, options->batch_id);
    addServerOptions(watch, options->server);
    watch.add_flag("--json", options->json, kJsonEvents);
}

void addListOptions(CLI::App& command, BatchListOptions& options) {
    command.add_option("--limit", options.limit, "most batches to list, 0 for all (default: 100)")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--after", options.after,
                       "BATCH, list the batches that follow this one in the list");
    command.add_flag("--json", options.json, kJsonLines);
}

void addAnswers(CommandLine& line, CLI::App& batches) {
    const auto batch_id = std::make_shared<std::string>();
    const auto options = std::make_shared<AnswerListOptions>();
    CLI::App& answers =
        line.add(batches, "answers", "List the answers of a batch that are in doubt",
                 [=](const Settings& s) { return batchesAnswersCommand(*batch_id, *options, s); });
    addBatch(answers, *batch_id);
    answers.add_option("--flag", options->flag, "only answers with this flag, such as faint");
    answers.add_option("--question", options->question, "only this question, such as q7");
    answers.add_flag("--by-confidence", options->by_confidence, "the least certain answers first");
    answers.add_flag("--json", options->json, kJsonLines);
}

void addShare(CommandLine& line, CLI::App& batches) {
    const auto batch_id = std::make_shared<std::string>();
    const auto options = std::make_shared<ShareOptions>();
    CLI::App& share =
        line.add(batches, "share", "Share a batch with users, who then see it and decide about it",
                 [=](const Settings& s) { return batchesShareCommand(*batch_id, *options, s); });
    addBatch(share, *batch_id);
    share
        .add_option("--with", options->users,
                    "USER[,USER…], share it with these users and no others")
        ->delimiter(',')
        ->allow_extra_args(false);
    share.add_flag("--everybody", options->everybody, "share it with everybody who signs in");
    share.add_flag("--nobody", options->nobody, "share it with nobody any more");
    addServerOptions(share, options->server);
}

void addResults(CommandLine& line, CLI::App& batches) {
    const auto batch_id = std::make_shared<std::string>();
    const auto json = std::make_shared<bool>(false);
    CLI::App& findings = line.add(
        batches, "findings", "List what is wrong with the sheets, compared with the roster",
        [=](const Settings& s) { return batchesFindingsCommand(*batch_id, *json, s); });
    addBatch(findings, *batch_id);
    findings.add_flag("--json", *json, kJsonLines);

    const auto options = std::make_shared<BundleOptions>();
    CLI::App& bundle =
        line.add(batches, "bundle", "Write results, decisions, report and pictures as one ZIP",
                 [=](const Settings& s) { return batchesBundleCommand(*batch_id, *options, s); });
    addBatch(bundle, *batch_id);
    bundle.add_option("--out", options->out, "the ZIP file to write")->required();
    bundle.add_flag("--no-pictures", options->no_pictures,
                    "without pictures of doubtful answers and images");
}

void addBatches(CommandLine& line) {
    const auto options = std::make_shared<BatchListOptions>();
    const auto list_batches = [options](const Settings& s) {
        return batchesListCommand(*options, s);
    };
    CLI::App& batches = line.add(line.root(), "batches",
                                 "List the batches; show one; print its events", list_batches);
    addListOptions(batches, *options);
    CLI::App& list = line.add(batches, "list", "List the batches, the newest first", list_batches);
    addListOptions(list, *options);

    const auto batch_id = std::make_shared<std::string>();
    const auto json = std::make_shared<bool>(false);
    CLI::App& show =
        line.add(batches, "show", "Show one batch with its stages and artifacts",
                 [=](const Settings& s) { return batchesShowCommand(*batch_id, *json, s); });
    addBatch(show, *batch_id);
    show.add_flag("--json", *json, "print one JSON object");

    addAnswers(line, batches);
    addShare(line, batches);
    addResults(line, batches);
    CLI::App& entries =
        line.add(batches, "entries", "List the entries of the archive that are ignored",
                 [=](const Settings& s) { return batchesEntriesCommand(*batch_id, *json, s); });
    addBatch(entries, *batch_id);
    entries.add_flag("--json", *json, kJsonLines);

    const auto after = std::make_shared<std::uint64_t>(0);
    CLI::App& events =
        line.add(batches, "events", "Print the events of a batch, one per line",
                 [=](const Settings& s) { return batchesEventsCommand(*batch_id, *after, s); });
    addBatch(events, *batch_id);
    events.add_option("--after", *after, "only events after this seq");
    events.add_flag("--json", *json, "accepted for symmetry: events are always JSON");
}

void addFix(CommandLine& line, CLI::App& sheets) {
    const auto batch_id = std::make_shared<std::string>();
    const auto fix = std::make_shared<FixOptions>();
    const auto options = std::make_shared<RestartOptions>();
    CLI::App& command =
        line.add(sheets, "fix", "Give a quarantined sheet its code, or discard it",
                 [=](const Settings& s) { return sheetsFixCommand(*batch_id, *fix, *options, s); });
    addBatch(command, *batch_id);
    command.add_option("SHEET", fix->sheet, "number of the sheet")->required();
    command.add_option("--qr", fix->qr, "the text of its QR code");
    command.add_flag("--discard", fix->discard, "the sheet does not belong to this batch");
    addRestart(line, command, *options);
}

void addDecide(CommandLine& line) {
    const auto batch_id = std::make_shared<std::string>();
    const auto options = std::make_shared<DecideOptions>();
    CLI::App& decide =
        line.add(line.root(), "decide", "Store decisions about answers and sheets; apply them",
                 [=](const Settings& s) { return decideCommand(*batch_id, *options, s); });
    addBatch(decide, *batch_id);
    decide.add_option("--file", options->file,
                      "CSV file of decisions; its first line names the columns: sheet, field, "
                      "value, confirm, qr, discard, read_again, undo, reason …");
    decide.add_flag("--apply", options->apply,
                    "make all pending decisions count: only what they change is done again");
    addRestart(line, decide, options->restart);
}

void addScore(CommandLine& line) {
    const auto batch_id = std::make_shared<std::string>();
    const auto options = std::make_shared<ScoreOptions>();
    CLI::App& score = line.add(
        line.root(), "score", "Score a finished batch again with another key; no sheet is read",
        [=](const Settings& s) { return scoreCommand(*batch_id, *options, s); });
    addBatch(score, *batch_id);
    score.add_option("--key", options->key, "the key: a .csv, .yaml or .json file")->required();
    score.add_option("--reason", options->reason, "why, for the trail of decisions");
    score.add_option("--replace", options->replaces,
                     "ID, the other person's decision that this key replaces");
    addRestart(line, score, options->restart);
}

void addReview(CommandLine& line) {
    const auto batch_id = std::make_shared<std::string>();
    const auto options = std::make_shared<ReviewOptions>();
    CLI::App& review =
        line.add(line.root(), "review",
                 "Decide about the answers in doubt one by one: keys on a terminal, else lines",
                 [=](const Settings& s) { return reviewCommand(*batch_id, *options, s); });
    addBatch(review, *batch_id);
    review.add_option("--out", options->out, "folder for the pictures (default: review-BATCH)");
}

void addSheets(CommandLine& line) {
    const auto batch_id = std::make_shared<std::string>();
    const auto state = std::make_shared<std::optional<std::string>>();
    const auto json = std::make_shared<bool>(false);
    CLI::App& sheets =
        line.add(line.root(), "sheets", "List the sheets of a batch; fix a quarantined one",
                 [=](const Settings& s) { return sheetsListCommand(*batch_id, *state, *json, s); });
    sheets.add_option("BATCH", *batch_id, "id of the batch");
    sheets
        .add_option("--state", *state,
                    "only sheets that are waiting, read, quarantined or discarded")
        ->check(CLI::IsMember({"waiting", "read", "quarantined", "discarded"}));
    sheets.add_flag("--json", *json, kJsonLines);
    addFix(line, sheets);

    const auto evidence = std::make_shared<EvidenceOptions>();
    CLI::App& draw =
        line.add(sheets, "evidence", "Draw the answers that are in doubt, as PNG files",
                 [=](const Settings& s) { return sheetsEvidenceCommand(*batch_id, *evidence, s); });
    addBatch(draw, *batch_id);
    draw.add_option("--sheet", evidence->sheets,
                    "only these sheets, each with an overview of everything that was read from it")
        ->allow_extra_args(false);
    draw.add_option("--flag", evidence->flags, "only answers with one of these flags")
        ->check(CLI::IsMember({"blank", "multiple", "faint", "erased", "circled"}))
        ->allow_extra_args(false);
    draw.add_option("--field", evidence->fields,
                    "only these fields; an image of the template is cut out of each sheet")
        ->allow_extra_args(false);
    draw.add_option("--limit", evidence->limit,
                    "most pictures to write; 0: no limit (default: 100)")
        ->check(CLI::NonNegativeNumber);
    draw.add_option("--out", evidence->out, "folder for the pictures (default: evidence)");
}

void addBackup(CommandLine& line) {
    const auto folder = std::make_shared<std::string>();
    CLI::App& backup =
        line.add(line.root(), "backup", "Copy the data folder, also while batches run",
                 [folder](const Settings& s) { return backupCommand(*folder, s); });
    backup.add_option("DIR", *folder, "folder for the copy; it must not exist, or be empty")
        ->required();
    CLI::App& restore =
        line.add(line.root(), "restore", "Make the data folder of --data-dir from a backup",
                 [folder](const Settings& s) { return restoreCommand(*folder, s); });
    restore.add_option("DIR", *folder, "folder of the backup")->required();
}

void addHistory(CommandLine& line) {
    const auto options = std::make_shared<HistoryCopyOptions>();
    CLI::App& history = line.addGroup("history", "Move the history");
    CLI::App& copy =
        line.add(history, "copy",
                 "Copy the histories of data folders, their users and the audit trail "
                 "into PostgreSQL, and use it",
                 [=](const Settings&) {
                     HistoryCopyOptions given = *options;
                     if (given.folders.size() < 2)
                         throw ConfigError("history copy requires a data folder and the URL");
                     given.url = given.folders.back();
                     given.folders.pop_back();
                     return historyCopyCommand(given);
                 });
    copy.add_option("DATA_FOLDER… URL", options->folders,
                    "the data folders, which no server may use; then "
                    "postgresql://USER:PASSWORD@HOST/DATABASE of an empty database; ~/.pgpass can "
                    "have the password instead")
        ->required();
    copy.add_option("--store", options->store,
                    "folder for the files of the batches, which the servers share; required for "
                    "several data folders (default: the files stay)");
    copy.add_option("--accounts-of", options->accounts_of,
                    "the data folder whose users count where several have the same names");
}

}  // namespace

void addBatchCommands(CommandLine& line) {
    addRun(line);
    addResume(line);
    addRetry(line);
    addCancel(line);
    addBatches(line);
    addSheets(line);
    addDecide(line);
    addScore(line);
    addReview(line);
    addWatch(line);
    addBackup(line);
    addHistory(line);
}

}  // namespace sheafline
