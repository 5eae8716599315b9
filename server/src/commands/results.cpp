// `batches findings` and `batches bundle`: only read, also while another process owns the data
// folder.
#include <filesystem>
#include <fstream>
#include <iostream>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "batches/batch_json.h"
#include "batches/results/bundle.h"
#include "batches/results/roster_findings.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "command_parts/plugin_path.h"
#include "commands/commands.h"
#include "history/history_reader.h"
#include "pictures/picture_maker.h"
#include "terminal/text_table.h"

namespace sheafline {

int batchesFindingsCommand(const std::string& batch_id, bool json, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    HistoryReader history(folder.history());
    existingBatch(history, batch_id);
    std::vector<TableRow> rows{{"PROBLEM", "STUDENT", "NAME", "PAGE", "SHEETS", "DETAIL"}};
    for (const RosterFindingRow& finding : readRosterFindings(folder, history, batch_id)) {
        if (json) std::cout << compactJson(findingJson(finding)) << '\n';
        std::string sheets;
        for (const int sheet : finding.sheets)
            sheets += (sheets.empty() ? "" : " ") + std::to_string(sheet);
        rows.push_back({finding.problem, finding.student, finding.name,
                        finding.page == 0 ? "" : std::to_string(finding.page), sheets,
                        finding.detail});
    }
    if (!json) writeTable(std::cout, rows);
    return kDone;
}

int batchesBundleCommand(const std::string& batch_id, const BundleOptions& options,
                         const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    const PluginCatalog plugins(withPluginPathOf(batch_id, settings).plugin_folders);
    HistoryReader history(folder.history());
    const BatchRow batch = existingBatch(history, batch_id);
    PictureMaker maker;
    BundleParts parts{.folder = folder, .plugins = plugins, .history = history};
    if (!options.no_pictures)
        parts.draw = [&](const PictureOrder& order) {
            auto image = maker.imageField(order);
            return image ? std::move(*image) : maker.draw(order);
        };
    const std::filesystem::path unfinished = options.out.string() + ".tmp";
    std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
    if (!out) throwSystemError(errno, "cannot write " + unfinished.string());
    parts.wanted = [&] { return out.good(); };
    BundleCounts counts;
    try {
        counts = writeBundle(out, batch, parts);
        out.close();
        if (!out) throwSystemError(errno, "cannot write " + options.out.string());
        std::filesystem::rename(unfinished, options.out);
    } catch (...) {
        const bool written = out.good();
        const int reason = errno == 0 ? EIO : errno;
        std::error_code ignored;
        std::filesystem::remove(unfinished, ignored);
        if (written) throw;
        throwSystemError(reason, "cannot write " + options.out.string());
    }
    std::cerr << "Wrote " << options.out.string() << " with "
              << counted(counts.artifacts, "artifact") << " and "
              << counted(counts.pictures, "picture");
    if (counts.missing > 0)
        std::cerr << "; " << counts.missing << " could not be added, see bundle.txt in it";
    std::cerr << '\n';
    return kDone;
}

}  // namespace sheafline
