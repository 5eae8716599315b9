// The commands of the program, one function each; every one gives the exit status and may throw
// Error or ConfigError.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/server_sign_in.h"
#include "settings/settings.h"

namespace sheafline {

struct RunOptions {
    std::string pipeline{};
    std::optional<std::string> input{};
    std::vector<std::string> set{};  // KEY=VALUE
    std::optional<std::string> batch_id{};
    std::optional<std::string> sse{};  // HOST:PORT
    bool json = false;
};
int runCommand(const RunOptions& options, const Settings& settings);
int resumeCommand(const std::string& batch_id, bool json, const Settings& settings);
int resumePlanCommand(const std::string& batch_id, const Settings& settings);
int retryCommand(const std::string& batch_id, bool json, const Settings& settings);

struct FixOptions {
    int sheet = 0;
    std::optional<std::string> qr{};
    bool discard = false;
};
int sheetsFixCommand(const std::string& batch_id, const FixOptions& options, bool json,
                     const Settings& settings);
int cancelCommand(const std::string& batch_id, const Settings& settings);

struct WatchOptions {
    std::string batch_id{};
    ServerOptions server{};  // without an url: the data folder
    bool json = false;
};
int watchCommand(const WatchOptions& options, const Settings& settings);

struct SubmitOptions {
    std::string file{};
    std::string pipeline{};
    std::vector<std::string> set{};       // KEY=VALUE
    std::optional<std::string> resume{};  // the id of a batch whose upload broke off
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
};
int testCommand(const TestOptions& options, const Settings& settings);

// `read` gives the settings anew, for SIGHUP.
int serveCommand(const std::function<Settings()>& read, const Settings& settings);

struct WorkerOptions {
    int concurrency = 0;       // 0: one for each core
    std::string processors{};  // names between commas; empty: all
    std::string heartbeat = "5s";
};
int workerCommand(const WorkerOptions& options, const Settings& settings);
int workersCommand(bool json, const Settings& settings);

int validateCommand(const std::string& pipeline, bool json, const Settings& settings);
int schemaCommand(const std::string& name, const Settings& settings);

int templateCheckCommand(const std::string& template_file, const std::string& sheet_file,
                         const std::string& out);

int pluginsListCommand(bool json, const Settings& settings);
int pluginsShowCommand(const std::string& name, const Settings& settings);
int pluginsDoctorCommand(const std::string& file);

struct SampleCommandOptions {
    int sheets = 100;
    std::string out{};
    std::string truth{};  // empty: not written
    std::uint64_t seed = 1;
    std::string profile = "typical";
    int dpi = 150;
    bool bad_cases = false;
};
int sampleCommand(const SampleCommandOptions& options);

int batchesListCommand(bool json, const Settings& settings);
int batchesShowCommand(const std::string& batch_id, bool json, const Settings& settings);
int batchesEventsCommand(const std::string& batch_id, std::uint64_t after,
                         const Settings& settings);
struct EvidenceOptions {
    std::optional<int> sheet{};  // its overlay too; without one, every sheet's doubts
    std::string out = "evidence";
};
int sheetsEvidenceCommand(const std::string& batch_id, const EvidenceOptions& options,
                          const Settings& settings);
int sheetsListCommand(const std::string& batch_id, const std::optional<std::string>& state,
                      bool json, const Settings& settings);

int userAddCommand(const std::string& name, const std::string& role, const Settings& settings);
int userPasswdCommand(const std::string& name, const Settings& settings);
int userRoleCommand(const std::string& name, const std::string& role, const Settings& settings);
int userDisableCommand(const std::string& name, const Settings& settings);
int userEnableCommand(const std::string& name, const Settings& settings);
int userRemoveCommand(const std::string& name, const Settings& settings);
int userListCommand(bool json, const Settings& settings);

}  // namespace sheafline
