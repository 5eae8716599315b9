#include "pictures/picture_order.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include <sheafline/error.h>
#include <sheafline/sheets/read_sheet.h>

#include "batch/batch_scope.h"
#include "pipeline/pipeline_loader.h"
#include "process/wire.h"

namespace sheafline {

namespace {

Error noTemplate(const std::string& why) { return {ErrorClass::permanent, "NO_TEMPLATE", why}; }

// Reads the options of a stage that decide how its sheets are read.
void resolve(PictureOrder& order, const PipelineStage& stage, const Pipeline& pipeline,
             const ExpressionScope& scope) {
    RawValues wanted;
    for (const char* name : {"template", "min_confidence"}) {
        if (const auto found = stage.with.find(name); found != stage.with.end())
            wanted.insert(*found);
    }
    const ParamValues values = resolveValues(wanted, scope, pipeline.file);
    order.template_file = pipeline.file.parent_path() / values.at("template").text;
    order.min_confidence = sheets::ReadSheetOptions{}.min_confidence;
    if (const auto least = values.find("min_confidence"); least != values.end())
        order.min_confidence = std::stod(least->second.text);
}

// The stage `extract` names a file by the place of its entry in the archive: 000001.jpg. 0 if it
// has another name.
std::uint64_t entryOf(const std::filesystem::path& extracted) {
    constexpr std::size_t kLeastDigits = 6;
    const std::string stem = extracted.stem().string();
    std::uint64_t place = 0;
    const auto read = std::from_chars(stem.data(), stem.data() + stem.size(), place);
    const bool whole = read.ec == std::errc() && read.ptr == stem.data() + stem.size();
    return whole && stem.size() >= kLeastDigits ? place : 0;
}

}  // namespace

PictureOrder originalOrder(const DataFolder& folder, const std::string& batch_id,
                           const Sheet& sheet) {
    // A batch of PDFs or single images has an archive with one entry for each page.
    std::filesystem::path archive = folder.batch(batch_id) / "sheets.zip";
    if (!std::filesystem::exists(archive)) archive.replace_filename("archive.zip");
    return {.archive = std::move(archive),
            .file = sheet.file,
            .entry = entryOf(sheet.path),
            .page = sheet.page};
}

PictureOrder sourceOrder(const DataFolder& folder, const std::string& batch_id,
                         const Sheet& sheet) {
    PictureOrder order = originalOrder(folder, batch_id, sheet);
    if (order.entry == 0)
        throw Error(ErrorClass::permanent, "NO_IMAGE",
                    "the image of the sheet no longer exists on this server, and it is not a file "
                    "of the batch's archive");
    order.kind = PictureKind::source;
    order.page = 1;  // all pages of a TIFF are one file
    return order;
}

PictureOrder overlayOrder(const DataFolder& folder, const PluginCatalog& plugins,
                          const BatchRow& batch, const Sheet& sheet) {
    PictureOrder order = originalOrder(folder, batch.batch_id, sheet);
    order.kind = PictureKind::overlay;
    order.qr = sheet.qr;
    try {
        const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
        Redactor redactor;
        const ExpressionScope scope = batchScope(batch, pipeline, folder, redactor);
        // Other stages have a template too: the stage that groups by codes uses it to find them.
        const auto stage = std::ranges::find_if(pipeline.stages, [](const PipelineStage& use) {
            return use.with.contains("template") && use.with.contains("processor");
        });
        if (stage == pipeline.stages.end())
            throw noTemplate("the pipeline reads sheets without a template");
        resolve(order, *stage, pipeline, scope);
    } catch (const ConfigError&) {
        // The text of the exception contains paths of this machine, so it is not passed on.
        throw noTemplate("the pipeline's template can no longer be read; tell the operator");
    } catch (const std::logic_error&) {
        throw noTemplate("the pipeline's min_confidence is not a number; tell the operator");
    }
    return order;
}

std::string wireOf(const PictureOrder& order) {
    return WireWriter()
        .u64(static_cast<std::uint64_t>(order.kind))
        .text(order.archive.native())
        .text(order.file)
        .u64(order.entry)
        .i64(order.page)
        .text(order.template_file.native())
        .real(order.min_confidence)
        .text(order.qr)
        .text(order.field)
        .i64(order.rows)
        .bytes();
}

PictureOrder pictureOrderOf(std::string_view wire) {
    WireReader reader(wire);
    PictureOrder order;
    const std::uint64_t kind = reader.u64();
    if (kind > static_cast<std::uint64_t>(PictureKind::source))
        throw Error(ErrorClass::permanent, "WIRE", "the order names an unknown kind of picture");
    order.kind = static_cast<PictureKind>(kind);
    order.archive = reader.text();
    order.file = reader.text();
    order.entry = reader.u64();
    order.page = static_cast<int>(reader.i64());
    order.template_file = reader.text();
    order.min_confidence = reader.real();
    order.qr = reader.text();
    order.field = reader.text();
    order.rows = static_cast<int>(reader.i64());
    return order;
}

}  // namespace sheafline
