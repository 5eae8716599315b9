// `sheets evidence`: pictures of the answers in doubt, for a person who checks them. A sheet
// without doubts gets no picture.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <string>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/plugin_path.h"
#include "commands/commands.h"
#include "history/history_reader.h"
#include "pictures/picture_maker.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

namespace {

// "000012-q7-faint.png"
std::string nameOf(int sheet, const std::string& rest) {
    const std::string digits = std::to_string(sheet);
    std::string name = std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + rest;
    std::ranges::replace_if(
        name,
        [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.';
        },
        '_');
    return name;
}

void save(const std::filesystem::path& file, const std::string& bytes) {
    DurableFile picture(file);
    picture.write(bytes);
    picture.publish();
}

}  // namespace

int sheetsEvidenceCommand(const std::string& batch_id, const EvidenceOptions& options,
                          const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const BatchRow batch = existingBatch(history, batch_id);
    const PluginCatalog plugins(withPluginPathOf(batch_id, settings).plugin_folders);
    std::filesystem::create_directories(options.out);
    const std::filesystem::path out = options.out;
    PictureMaker maker;
    int pictures = 0;
    int found = 0;
    for (const Sheet& sheet : history.sheets(batch_id)) {
        if (options.sheet && *options.sheet != sheet.number) continue;
        ++found;
        if (options.sheet) {
            save(out / nameOf(sheet.number, ".png"),
                 maker.draw(overlayOrder(folder, plugins, batch, sheet)).bytes);
            ++pictures;
        }
        const auto reading = history.reading(batch_id, sheet.number);
        if (sheet.state != SheetState::read || !reading || reading->flags.empty()) continue;
        for (const auto& [field, flag, png] :
             maker.doubts(overlayOrder(folder, plugins, batch, sheet))) {
            std::string rest = "-";
            rest.append(field).append("-").append(flag).append(".png");
            save(out / nameOf(sheet.number, rest), png);
            ++pictures;
        }
    }
    if (options.sheet && found == 0)
        throw ConfigError("the batch '" + batch_id + "' has no sheet " +
                          std::to_string(*options.sheet));
    std::cerr << "Wrote " << pictures << " pictures to " << options.out << '\n';
    return kDone;
}

}  // namespace sheafline
