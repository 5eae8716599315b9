// `score`: scores a finished batch again with another key, without reading a sheet. Where another
// process owns the data folder, that process does it.
#include <filesystem>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>

#include "base/login_name.h"
#include "batch/apply_change.h"
#include "batch/next_execution.h"
#include "command_parts/existing_batch.h"
#include "command_parts/plugin_path.h"
#include "command_parts/restarted_batch.h"
#include "commands/commands.h"
#include "decisions/batch_key.h"
#include "pictures/picture_order.h"

namespace sheafline {

namespace {

std::string keyTextOf(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        throw ConfigError("the key '" + file.string() + "' cannot be read: " + error.message());
    if (size > kMostKeyBytes)
        throw ConfigError("the key '" + file.string() +
                          "' has more than 4 MiB; remove what is not "
                          "a key");
    const auto bytes = sheets::readBytes(file);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

int scoreCommand(const std::string& batch_id, const ScoreOptions& options,
                 const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    std::string kind = options.key.extension().string();
    if (kind == ".yml") kind = ".yaml";
    if (kind != ".csv" && kind != ".yaml" && kind != ".json")
        throw ConfigError("'" + options.key.string() +
                          "' is not a key; give a .csv, .yaml or .json file");
    KeyOrder order{
        .user = loginName(), .reason = options.reason, .replaces = options.replaces.value_or(0)};
    {
        const PluginCatalog plugins(withPluginPathOf(batch_id, settings).plugin_folders);
        HistoryReader history(folder.history());
        existingBatch(history, batch_id);
        const BatchRow batch = endedBatch(history, batch_id, "scored again");
        // Findings name the person's own file.
        auto sheet =
            sheets::loadTemplate(overlayOrder(folder, plugins, batch, Sheet{}).template_file);
        sheets::replaceKey(sheet, options.key);
        order.name = storeKey(folder, plugins, batch, keyTextOf(options.key), kind.substr(1));
    }
    return restartedBatch(batch_id, scoreRequest(batch_id, keyDecision(order)), options.restart,
                          settings);
}

}  // namespace sheafline
