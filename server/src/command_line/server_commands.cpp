// serve and user; submit, worker and workers, which talk to a server or a Redis.
#include <memory>

#include <CLI/CLI.hpp>

#include "command_line/command_line.h"
#include "command_line/server_options.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

void addServe(CommandLine& line) {
    const auto replay = std::make_shared<ReplayOrder>();
    CLI::App& serve =
        line.add(line.root(), "serve", "Serve the HTTP API: uploads, batches, event streams",
                 [&line, replay](const Settings& s) {
                     return serveCommand([&line] { return line.settings(); }, *replay, s);
                 });
    serve.add_option("--replay", replay->batch_id,
                     "BATCH, stream this finished batch again, from the moment the server listens; "
                     "nothing is written");
    serve.add_option("--speed", replay->speed,
                     "how many times faster than the batch was (default: 1)");
    line.addListen(serve);
    line.addRedis(serve);
}

void addSubmit(CommandLine& line) {
    const auto options = std::make_shared<SubmitOptions>();
    CLI::App& submit = line.add(
        line.root(), "submit", "Upload a file to a server as a new batch, and follow the batch",
        [options](const Settings& s) { return submitCommand(*options, s); });
    submit
        .add_option("FILE", options->files,
                    "a ZIP of scanned sheets, a PDF, or a JPEG, PNG, TIFF or WebP; several files "
                    "become one archive")
        ->required();
    submit.add_option("--pipeline", options->pipeline, "name of a pipeline of the server");
    submit.add_option("--name", options->name, "name of the batch (default: the file's own name)");
    submit.add_option("--label", options->labels, "KEY=VALUE, a label of the batch; repeatable");
    submit.add_option("--set", options->set, "KEY=VALUE, a param of the pipeline; repeatable");
    submit.add_option("--resume", options->resume, "BATCH, continue its interrupted upload");
    addServerOptions(submit, options->server).required();
    submit.add_flag("--json", options->json,
                    "print one event per line on standard output, and nothing else there");
}

void addWorkers(CommandLine& line) {
    const auto options = std::make_shared<WorkerOptions>();
    CLI::App& worker =
        line.add(line.root(), "worker", "Read sheets for batches on any host that shares a Redis",
                 [options](const Settings& s) { return workerCommand(*options, s); });
    line.addRedis(worker);
    worker
        .add_option("--concurrency", options->concurrency,
                    "sheets at a time (default: 0, one for each core)")
        ->check(CLI::Range(0, 1024));
    worker.add_option("--processors", options->processors,
                      "comma-separated names of the processors that it runs (default: all "
                      "installed ones except command)");
    worker.add_option("--heartbeat", options->heartbeat,
                      "time between two updates of its entry in the list of workers (default: 5s)");

    const auto json = std::make_shared<bool>(false);
    CLI::App& workers =
        line.add(line.root(), "workers", "List the workers of a Redis and what they work on",
                 [json](const Settings& s) { return workersCommand(*json, s); });
    line.addRedis(workers);
    workers.add_flag("--json", *json, "print one JSON object per line");
}

struct UserOptions {
    std::string name{};
    std::string role = "operator";
    bool json = false;
};

void addUsers(CommandLine& line) {
    const auto options = std::make_shared<UserOptions>();
    const auto list = [options](const Settings& s) { return userListCommand(options->json, s); };
    CLI::App& user =
        line.add(line.root(), "user", "List the users; add, change or remove one", list);
    const auto one = [&](const char* name, const char* help, CommandLine::Command command) {
        CLI::App& sub = line.add(user, name, help, std::move(command));
        sub.add_option("USER", options->name, "name of the user")->required();
        return &sub;
    };
    const auto role = [&](CLI::App* sub) {
        return sub->add_option("--role", options->role, "viewer, reviewer, operator or admin")
            ->check(CLI::IsMember({"viewer", "reviewer", "operator", "admin"}));
    };
    role(one("add", "Add a user; asks for the password, or reads it from standard input",
             [=](const Settings& s) { return userAddCommand(options->name, options->role, s); }))
        ->capture_default_str();
    role(one("role", "Change a user's role; ends the user's sessions", [=](const Settings& s) {
        return userRoleCommand(options->name, options->role, s);
    }))->required();
    one("passwd", "Set a user's password; ends the user's sessions",
        [=](const Settings& s) { return userPasswdCommand(options->name, s); });
    one("disable", "Disable a user; ends the user's sessions",
        [=](const Settings& s) { return userDisableCommand(options->name, s); });
    one("enable", "Enable a disabled user",
        [=](const Settings& s) { return userEnableCommand(options->name, s); });
    one("remove", "Remove a user permanently; the name cannot be used again",
        [=](const Settings& s) { return userRemoveCommand(options->name, s); });
    CLI::App& sub = line.add(user, "list", "List all users", list);
    for (CLI::App* app : {&user, &sub})
        app->add_flag("--json", options->json, "print one JSON object per line");
}

void addTokens(CommandLine& line) {
    const auto options = std::make_shared<TokenOptions>();
    const auto list = [options](const Settings& s) { return tokenListCommand(*options, s); };
    CLI::App& token =
        line.add(line.root(), "token", "List the tokens of programs; add or remove one", list);
    CLI::App& add = line.add(token, "add", "Add a token for a program; prints it once",
                             [options](const Settings& s) { return tokenAddCommand(*options, s); });
    add.add_option("USER", options->user, "name of the user for whom the program acts")->required();
    add.add_option("--name", options->name, "what the token is for")->required();
    add.add_option("--scope", options->scopes,
                   "what it may do: read, create, decide, admin; never more than its user")
        ->delimiter(',')
        ->check(CLI::IsMember({"read", "create", "decide", "admin"}))
        ->capture_default_str();
    add.add_option("--days", options->days, "days until it expires (default: it does not expire)")
        ->check(CLI::Range(1, 3650));
    CLI::App& remove =
        line.add(token, "remove", "Remove a token; it is invalid at once",
                 [options](const Settings& s) { return tokenRemoveCommand(*options, s); });
    remove.add_option("ID", options->id, "id of the token in the list")->required();
    CLI::App& sub = line.add(token, "list", "List the tokens of all users, or of one", list);
    sub.add_option("USER", options->user, "name of a user");
    for (CLI::App* app : {&token, &sub})
        app->add_flag("--json", options->json, "print one JSON object per line");
}

}  // namespace

CLI::Option& addServerOptions(CLI::App& command, ServerOptions& server) {
    command.add_option("--user", server.user,
                       "sign in with this name; asks for the password, or reads it from standard "
                       "input");
    command.add_option("--token-file", server.token_file,
                       "sign in with the token in this file, or - for standard input (default: "
                       "the variable SHEAFLINE_TOKEN)");
    return *command.add_option("--server", server.url,
                               "http://HOST:PORT or https://HOST, a Sheafline server");
}

void addServerCommands(CommandLine& line) {
    CLI::App& key = line.addGroup("secret-key", "Manage the key that signs tokens");
    line.add(key, "rotate", "Make a new key; the old one stays valid for a while",
             [](const Settings& s) { return rotateKeyCommand(s); });
    addServe(line);
    addSubmit(line);
    addWorkers(line);
    addUsers(line);
    addTokens(line);
}

}  // namespace sheafline
