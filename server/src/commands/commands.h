// The commands of the program, one function each. All return the exit status and may throw Error
// or ConfigError.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/server_sign_in.h"
#include "manuals/command_entry.h"
#include "replay/replay.h"
#include "settings/settings.h"

namespace sheafline {

struct RunOptions {
    std::string pipeline{};
    std::vector<std::string> input{};  // several files become one archive
    std::vector<std::string> set{};    // KEY=VALUE
    std::optional<std::string> batch_id{};
    std::optional<std::string> name{};  // of the batch; not set: the input's
    std::vector<std::string> labels{};  // KEY=VALUE
    std::optional<std::string> sse{};   // HOST:PORT
    bool json = false;
};
int runCommand(const RunOptions& options, const Settings& settings);

struct ResumeOptions {
    std::string batch_id{};
    bool plan = false;
    bool json = false;
};
int resumeCommand(const ResumeOptions& options, const Settings& given);
int resumePlanCommand(const ResumeOptions& options, const Settings& given);

struct RestartOptions {
    bool no_wait = false;  // return once another owner of the data folder has accepted the request
    bool json = false;
};
int retryCommand(const std::string& batch_id, const RestartOptions& options,
                 const Settings& settings);

struct DecideOptions {
    std::optional<std::string> file{};  // of decisions to store
    bool apply = false;                 // make the pending decisions count
    RestartOptions restart{};
};
int decideCommand(const std::string& batch_id, const DecideOptions& options, const Settings& given);

struct BundleOptions {
    std::filesystem::path out{};
    bool no_pictures = false;
};
int batchesBundleCommand(const std::string& batch_id, const BundleOptions& options,
                         const Settings& settings);
int batchesFindingsCommand(const std::string& batch_id, bool json, const Settings& settings);

struct ScoreOptions {
    std::filesystem::path key{};
    std::string reason{};
    std::optional<int> replaces{};
    RestartOptions restart{};
};
int scoreCommand(const std::string& batch_id, const ScoreOptions& options,
                 const Settings& settings);

struct ReviewOptions {
    std::string out{};  // folder for the pictures; empty: review-BATCH
};
int reviewCommand(const std::string& batch_id, const ReviewOptions& options, const Settings& given);

struct FixOptions {
    int sheet = 0;
    std::optional<std::string> qr{};
    bool discard = false;
};
int sheetsFixCommand(const std::string& batch_id, const FixOptions& fix,
                     const RestartOptions& options, const Settings& settings);
int cancelCommand(const std::string& batch_id, const Settings& settings);

struct WatchOptions {
    std::string batch_id{};
    ServerOptions server{};  // without a URL: the batch is in the data folder
    bool json = false;
};
int watchCommand(const WatchOptions& options, const Settings& settings);

struct ShareOptions {
    std::vector<std::string> users{};
    bool everybody = false;
    bool nobody = false;
    ServerOptions server{};  // without a URL: the batch is in the data folder
};
int batchesShareCommand(const std::string& batch_id, const ShareOptions& options,
                        const Settings& settings);

struct SubmitOptions {
    std::vector<std::string> files{};  // several become one archive
    std::string pipeline{};
    std::vector<std::string> set{};       // KEY=VALUE
    std::optional<std::string> name{};    // of the batch; not set: the file's
    std::vector<std::string> labels{};    // KEY=VALUE
    std::optional<std::string> resume{};  // id of a batch whose upload was interrupted
    ServerOptions server{};
    bool json = false;
};
int submitCommand(const SubmitOptions& options, const Settings& settings);

struct TestOptions {
    RunOptions run{};
    bool kill_everywhere = false;
    int random_kills = 0;
    std::uint64_t seed = 1;
    int at_most = 0;
    std::optional<std::string> only{};
    int jobs = 2;
    bool lose_work = false;
};
int testCommand(const TestOptions& options, const Settings& settings);

// `read` reads the settings again, for SIGHUP.
int serveCommand(const std::function<Settings()>& read, const ReplayOrder& replay,
                 const Settings& settings);

struct WorkerOptions {
    int concurrency = 0;       // 0: one for each core
    std::string processors{};  // comma-separated names; empty: all
    std::string heartbeat = "5s";
};
int workerCommand(const WorkerOptions& options, const Settings& settings);
int workersCommand(bool json, const Settings& settings);

int validateCommand(const std::string& pipeline, bool json, const Settings& settings);

struct EnvironmentOptions {
    std::string pipeline{};
    std::optional<std::string> input{};
    std::vector<std::string> set{};  // KEY=VALUE
    bool json = false;
};
int environmentCommand(const EnvironmentOptions& options, const Settings& settings);
int planCommand(const EnvironmentOptions& options, const Settings& settings);

struct InitOptions {
    std::string folder = ".";
    std::string from = "omr-batch";  // an installed pipeline, or a file
};
int initCommand(const InitOptions& options, const Settings& settings);
// `format` is text, dot or mermaid.
int graphCommand(const std::string& pipeline, const std::string& format, const Settings& settings);
int schemaCommand(const std::string& name, const Settings& settings);

struct TemplateCheckOptions {
    std::string template_file{};
    std::string sheet_file{};
    std::string out = "check.png";
};
int templateCheckCommand(const TemplateCheckOptions& options);

struct TemplatePrintOptions {
    std::vector<std::string> template_files{};
    std::string out{};
    std::string roster{};
    int copies = 1;
    std::string title{};
    std::string instructions{};
    std::string exam{};
    std::string code{};
    std::string logo{};
    std::string font{};
    std::string paper{};
};
int templatePrintCommand(const TemplatePrintOptions& options);

// What is not given is asked for on a terminal, and has its default otherwise.
struct TemplateNewOptions {
    std::string out{};
    std::optional<int> questions{};
    std::optional<int> choices{};
    std::optional<int> columns{};
    std::optional<int> student_digits{};
    std::optional<std::string> paper{};
    std::string direction = "ltr";
    std::string bubbles = "circle";
    std::string fiducials = "square";
    std::string preview{};
    bool force = false;
};
int templateNewCommand(const TemplateNewOptions& options);

struct NewPluginOptions {
    std::string name{};
    std::string kind{};  // stage, sink or processor
    std::string language = "c++";
    std::string out{};  // folder; empty: the name
};
int pluginNewCommand(const NewPluginOptions& options, const Settings& settings);

int pluginsListCommand(bool json, const Settings& settings);
int pluginsShowCommand(const std::string& name, bool json, const Settings& settings);
int pluginsReferenceCommand(const std::string& out, const Settings& settings);
int pluginsDoctorCommand(const std::string& file);

struct SampleCommandOptions {
    int sheets = 100;
    int pages = 1;  // of each student
    std::string out{};
    std::string truth{};  // file of the true answers; empty: none
    std::uint64_t seed = 1;
    std::string profile = "typical";
    int dpi = 150;
    bool bad_cases = false;
};
int sampleCommand(const SampleCommandOptions& options);

struct BatchListOptions {
    int limit = 100;                     // 0: all
    std::optional<std::string> after{};  // the batch before the first one to list
    bool json = false;
};
int batchesListCommand(const BatchListOptions& options, const Settings& settings);
int batchesShowCommand(const std::string& batch_id, bool json, const Settings& settings);
int batchesEntriesCommand(const std::string& batch_id, bool json, const Settings& settings);

struct AnswerListOptions {
    std::optional<std::string> flag{};
    std::optional<std::string> question{};
    bool by_confidence = false;
    bool json = false;
};
int batchesAnswersCommand(const std::string& batch_id, const AnswerListOptions& options,
                          const Settings& settings);
int batchesEventsCommand(const std::string& batch_id, std::uint64_t after,
                         const Settings& settings);
struct EvidenceOptions {
    std::vector<int> sheets{};          // these; empty: all
    std::vector<std::string> flags{};   // doubts with one of these flags
    std::vector<std::string> fields{};  // doubts of these fields, and images
    int limit = 100;                    // 0: no limit
    std::string out = "evidence";
};
int sheetsEvidenceCommand(const std::string& batch_id, const EvidenceOptions& options,
                          const Settings& settings);
int sheetsListCommand(const std::string& batch_id, const std::optional<std::string>& state,
                      bool json, const Settings& settings);

int backupCommand(const std::string& target, const Settings& settings);
int restoreCommand(const std::string& backup, const Settings& settings);
struct HistoryCopyOptions {
    std::vector<std::string> folders{};
    std::string url{};
    std::string store{};        // for the files of batches; empty: they stay
    std::string accounts_of{};  // the folder whose users count where several have the same
};
// Moves the histories of data folders, and what servers share, into PostgreSQL.
int historyCopyCommand(const HistoryCopyOptions& options);

int settingsCommand(const std::string& format, const std::vector<std::string>& set);
int completionCommand(const std::string& shell, const CommandEntry& program);
int manualCommand(const std::string& out, const CommandEntry& program, const std::string& footer);

int rotateKeyCommand(const Settings& settings);

struct TokenOptions {
    std::string id{};
    std::string user{};
    std::string name{};
    std::vector<std::string> scopes{"read"};
    std::int64_t days = 0;  // 0: never expires
    bool json = false;
};
int tokenAddCommand(const TokenOptions& options, const Settings& settings);
int tokenListCommand(const TokenOptions& options, const Settings& settings);
int tokenRemoveCommand(const TokenOptions& options, const Settings& settings);

int userAddCommand(const std::string& name, const std::string& role, const Settings& settings);
int userPasswdCommand(const std::string& name, const Settings& settings);
int userRoleCommand(const std::string& name, const std::string& role, const Settings& settings);
int userDisableCommand(const std::string& name, const Settings& settings);
int userEnableCommand(const std::string& name, const Settings& settings);
int userRemoveCommand(const std::string& name, const Settings& settings);
int userListCommand(bool json, const Settings& settings);

}  // namespace sheafline
