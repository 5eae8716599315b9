#include "settings/setting_table.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sheafline {

namespace {

using enum SettingScope;

constexpr auto kSettings = std::to_array<SettingSpec>({
    {"data-dir", all, "sheafline-data", "`./sheafline-data`",
     "folder of the history and the batches"},
    {"history", all, "", "`history.db` in the data folder",
     "`postgresql://user:password@host[:port]/database` of the history; see "
     "[PostgreSQL](../data-folder.md#a-history-in-postgresql)"},
    {"store", all, "", "the data folder",
     "folder for the files of batches, which several servers mount at the same path; requires "
     "`history`"},
    {"work-dir", all, "", "in the data folder", "folder for extracted files; may be a tmpfs"},
    {"plugin-path", all, "", "none",
     "additional folders of plugins, separated by `:`, searched before the program's own"},
    {"log-level", all, "", "`warning`; `info` for `serve` and `worker`",
     "least important level that is logged: `debug`, `info`, `warning` or `error`"},
    {"log-format", all, "text", "`text`", "`text`, or `json`: one JSON object per line"},
    {"file-group", all, "", "the user's group",
     "group that may read the data folder; its files have mode 0640, its folders 0750"},
    {"secrets-dir", all, "", "none",
     "folder with one file for each secret, named as the secret; see "
     "[Secrets](../running.md#secrets)"},
    {"batch-memory", all, "4GiB", "`4GiB`",
     "most memory of one batch's process; above it, the process is killed and the batch "
     "continues from its checkpoint"},
    {"redis", all, "", "none",
     "`redis://[user:password@]host[:port][/database]` that shows the progress of every batch; "
     "[redis.md](../redis.md#tls-and-sentinel) describes `rediss://` and `redis+sentinel://`"},
    {"tls-ca", all, "", "those of the machine",
     "PEM file of the certificate authorities for `https://` and `rediss://`"},
    {"tls-cert", all, "", "none",
     "PEM file of the client certificate, with its chain, for servers that ask for one"},
    {"tls-key", all, "", "none", "PEM file of the private key of `tls-cert`"},
    {"redis-ttl", all, "1h", "`1h`",
     "how long a batch's keys stay in Redis after its newest event"},
    {"work-key", all, "", "`~/.config/sheafline/work.key`",
     "file with the key that signs orders to workers; see "
     "[workers.md](../workers.md#the-work-key)"},
    {"pipelines-dir", all, "", "the installed ones",
     "folder of the pipelines that can be named: its `.yaml`, `.yml` and `.json` files, by their "
     "`name`"},
    {"listen", serve, "127.0.0.1:8000", "`127.0.0.1:8000`",
     "address and port; port 0 selects a free one"},
    {"max-running", serve, "2", "`2`",
     "batches that run at the same time; the others wait in fair turns between users"},
    {"user-running", serve, "0", "one fewer than `max-running`, at least 1",
     "batches of one user that run at the same time; 0 is the default"},
    {"pipeline-sinks", serve, "jsonl", "`jsonl`",
     "sinks that a pipeline may use; the server leaves out all others"},
    {"trusted-proxies", serve, "", "none",
     "addresses and networks of proxies whose `X-Forwarded-*` fields are used"},
    {"cors-origins", serve, "", "none",
     "origins whose pages may call the API, such as `https://app.example`"},
    {"token-hours", serve, "8", "`8`", "lifetime of a token"},
    {"max-upload", serve, "20GiB", "`20GiB`", "largest archive"},
    {"user-quota", serve, "100GiB", "`100GiB`", "archives and uploads of one user"},
    {"total-quota", serve, "1000TiB", "`1000TiB`", "archives and uploads of all users"},
    {"user-uploads", serve, "20", "`20`", "open uploads of one user"},
    {"upload-hours", serve, "24", "`24`",
     "longest time of an upload; then it is removed (410) and its batch fails"},
    {"keep-days", serve, "0", "`0`",
     "days after which an ended batch is removed; 0 keeps batches until they are deleted"},
    {"audit-days", serve, "365", "`365`",
     "days after which an entry of the audit trail is removed"},
    {"stop-grace", serve, "10s", "`10s`",
     "how long a stopping server waits for requests and batches before it cuts them"},
    {"worker-url", serve, "", "where it listens",
     "the `http://` or `https://` URL from which workers fetch sheets"},
    {"admin-password-file", serve, "", "none",
     "file with the password of `admin` at the first start; without it, a password is made and "
     "shown once"},
    {"secret-key", serve, "", "`secret.key` in the data folder",
     "file with the key that signs tokens; servers of one history need the same key"},
});

constexpr auto kRemoved = std::to_array<RemovedSetting>({
    {"server-url", "it is now 'worker-url'"},
    {"servers",
     "servers no longer call each other; remove it, and let all servers use one database with "
     "'history'"},
    {"accounts-url",
     "the accounts are in the database that all servers use; remove it, and set 'history'"},
});

}  // namespace

std::span<const SettingSpec> settingTable() { return kSettings; }

std::vector<std::string> settingKeys() {
    std::vector<std::string> keys;
    keys.reserve(kSettings.size());
    for (const SettingSpec& spec : kSettings) keys.emplace_back(spec.key);
    return keys;
}

std::span<const RemovedSetting> removedSettings() { return kRemoved; }

std::string environmentName(std::string_view key) {
    std::string name = "SHEAFLINE_";
    for (const char c : key)
        name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

bool isOtherVariable(std::string_view name) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"SHEAFLINE_TOKEN", "SHEAFLINE_FAULT", "SHEAFLINE_FAULT_COUNT",
         // of sheafline-scan-folder, which people set for the whole shell
         "SHEAFLINE_URL", "SHEAFLINE_SCAN_QUIET"});
    constexpr auto kPrefixes =
        std::to_array<std::string_view>({"SHEAFLINE_SECRET_", "SHEAFLINE_TEST_", "SHEAFLINE_CI_"});
    return std::ranges::find(kNames, name) != kNames.end() ||
           std::ranges::any_of(kPrefixes, [&](auto prefix) { return name.starts_with(prefix); });
}

std::string docsRow(const SettingSpec& spec) {
    std::string row = "| `";
    row.append(spec.key).append("` | `").append(environmentName(spec.key)).append("` | ");
    return row.append(spec.shown).append(" | ").append(spec.help).append(" |");
}

}  // namespace sheafline
