#include "decisions/batch_key.h"

#include <algorithm>
#include <system_error>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>

#include "accounts/random_id.h"
#include "base/file_digest.h"
#include "batch/run/batch_pipeline.h"
#include "pictures/picture_order.h"

namespace sheafline {

namespace {

void requireKeyOption(const BatchRow& batch, const PluginCatalog& plugins,
                      const DataFolder& folder) {
    const Pipeline pipeline = batchPipeline(batch, "key", plugins, folder);
    if (std::ranges::none_of(pipeline.stages, [](const PipelineStage& stage) {
            return stage.with.contains("processor") && stage.with.contains("key");
        }))
        throw Error(ErrorClass::permanent, "NO_KEY_OPTION",
                    "the processor of the batch takes no key; only sheets that the processor omr "
                    "has read can be scored again");
}

}  // namespace

std::string storeKey(const DataFolder& folder, const PluginCatalog& plugins, const BatchRow& batch,
                     std::string_view text, std::string_view extension) {
    requireKeyOption(batch, plugins, folder);
    auto sheet = sheets::loadTemplate(overlayOrder(folder, plugins, batch, Sheet{}).template_file);
    std::string name = sha256Of(text) + "." + std::string(extension);
    const auto file = keyFolder(folder, batch.batch_id) / name;
    std::error_code ignored;
    const bool known = std::filesystem::exists(file, ignored);
    if (!known) {
        std::filesystem::create_directories(file.parent_path());
        DurableFile stored(file);
        stored.write(text);
        stored.publish();
    }
    try {
        sheets::replaceKey(sheet, file);
    } catch (...) {
        if (!known) std::filesystem::remove(file, ignored);
        throw;
    }
    return name;
}

NewDecisions keyDecision(const KeyOrder& order) {
    return {.list = {{.kind = DecisionKind::score,
                      .value = order.name,
                      .reason = order.reason,
                      .replaces = order.replaces}},
            .user = order.user,
            .request = "score " + randomId()};
}

}  // namespace sheafline
