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

// Writes the pictures that were asked for, up to the limit.
class EvidenceWriter {
 public:
    EvidenceWriter(const EvidenceOptions& options, const DataFolder& folder,
                   const PluginCatalog& plugins, const BatchRow& batch)
        : options_(options), folder_(folder), plugins_(plugins), batch_(batch) {
        std::filesystem::create_directories(options.out);
    }

    void add(const Sheet& sheet, const std::optional<Reading>& reading) {
        const bool all = options_.flags.empty() && options_.fields.empty();
        if (!options_.sheets.empty() && all && hasRoom()) {
            save(sheet, "", maker_.draw(overlayOrder(folder_, plugins_, batch_, sheet)).bytes);
        }
        if (sheet.state != SheetState::read || !reading) return;
        for (const std::string& name : options_.fields) addImage(sheet, name);
        if (!reading->flags.empty() && mayHaveFlag(reading->flags)) addDoubts(sheet);
    }

    void report() const {
        std::cerr << "Wrote " << written_ << " pictures to " << options_.out << '\n';
        if (more_)
            std::cerr << "There are more; name --sheet, --flag or --field, or raise --limit\n";
    }

 private:
    bool hasRoom() {
        if (options_.limit == 0 || written_ < options_.limit) return true;
        more_ = true;
        return false;
    }

    bool mayHaveFlag(const std::string& flags) const {
        return options_.flags.empty() || std::ranges::any_of(options_.flags, [&](const auto& flag) {
                   return flags.find(":" + flag) != std::string::npos;
               });
    }

    // A digit of a joined column is asked for by the name of its column.
    bool isWanted(const FieldPicture& doubt) const {
        const auto isNamed = [&](const std::string& name) {
            return doubt.field == name || doubt.field.starts_with(name + ".");
        };
        return (options_.flags.empty() ||
                std::ranges::find(options_.flags, doubt.flag) != options_.flags.end()) &&
               (options_.fields.empty() || std::ranges::any_of(options_.fields, isNamed));
    }

    void addDoubts(const Sheet& sheet) {
        // The pictures of a sheet are not drawn to be thrown away.
        const bool full = options_.limit > 0 && written_ >= options_.limit;
        if (full && options_.flags.empty() && options_.fields.empty()) {
            more_ = true;
            return;
        }
        for (const auto& doubt : maker_.doubts(overlayOrder(folder_, plugins_, batch_, sheet))) {
            if (isWanted(doubt) && hasRoom())
                save(sheet, "-" + doubt.field + "-" + doubt.flag, doubt.png);
        }
    }

    void addImage(const Sheet& sheet, const std::string& name) {
        PictureOrder order = overlayOrder(folder_, plugins_, batch_, sheet);
        order.kind = PictureKind::field;
        order.field = name;
        const auto image = maker_.imageField(order);
        if (image && hasRoom()) save(sheet, "-" + name, image->bytes);
    }

    void save(const Sheet& sheet, const std::string& rest, const std::string& bytes) {
        DurableFile picture(std::filesystem::path(options_.out) /
                            nameOf(sheet.number, rest + ".png"));
        picture.write(bytes);
        picture.publish();
        ++written_;
    }

    const EvidenceOptions& options_;
    const DataFolder& folder_;
    const PluginCatalog& plugins_;
    const BatchRow& batch_;
    PictureMaker maker_{};
    int written_ = 0;
    bool more_ = false;
};

void requireSheets(const EvidenceOptions& options, const std::string& batch_id, std::size_t count) {
    for (const int sheet : options.sheets) {
        if (sheet < 1 || static_cast<std::size_t>(sheet) > count)
            throw ConfigError("the batch '" + batch_id + "' has no sheet " + std::to_string(sheet));
    }
}

}  // namespace

int sheetsEvidenceCommand(const std::string& batch_id, const EvidenceOptions& options,
                          const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    const BatchRow batch = existingBatch(history, batch_id);
    const PluginCatalog plugins(withPluginPathOf(batch_id, settings).plugin_folders);
    const auto sheets = history.sheets(batch_id);
    requireSheets(options, batch_id, sheets.size());
    EvidenceWriter writer(options, folder, plugins, batch);
    for (const Sheet& sheet : sheets) {
        if (options.sheets.empty() ||
            std::ranges::find(options.sheets, sheet.number) != options.sheets.end())
            writer.add(sheet, history.reading(batch_id, sheet.number));
    }
    writer.report();
    return kDone;
}

}  // namespace sheafline
