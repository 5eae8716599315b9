#include "pictures/sheet_picture.h"

#include <algorithm>
#include <fstream>
#include <span>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/StreamCopier.h>
#include <Poco/Zip/ZipArchive.h>
#include <Poco/Zip/ZipStream.h>

#include <sheafline/error.h>
#include <sheafline/sheets/encode_image.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>

#include "batch/batch_scope.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

namespace {

constexpr std::uintmax_t kMaxImageBytes = std::uintmax_t{64} << 20U;
constexpr int kJpegQuality = 90;

Error noImage(const std::string& why) { return {ErrorClass::permanent, "NO_IMAGE", why}; }

std::string entryOf(const std::filesystem::path& archive, const std::string& entry) {
    std::ifstream in(archive, std::ios::binary);
    if (!in) throw noImage("the batch's archive is no more");
    try {
        const Poco::Zip::ZipArchive zip(in);
        const auto header = zip.findHeader(entry);
        if (header == zip.headerEnd()) throw noImage("the archive has no such file");
        if (header->second.getUncompressedSize() > kMaxImageBytes)
            throw noImage("the image is too large to be shown");
        in.clear();
        Poco::Zip::ZipInputStream stream(in, header->second);
        std::string bytes;
        Poco::StreamCopier::copyToString(stream, bytes);
        return bytes;
    } catch (const Poco::Exception&) {
        throw noImage("the image cannot be taken out of the archive");
    }
}

std::string bytesOf(const DataFolder& folder, const std::string& batch_id, const Sheet& sheet) {
    return entryOf(folder.batch(batch_id) / "archive.zip", sheet.file);
}

std::span<const std::uint8_t> asSpan(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::string asText(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

sheets::GreyImage pageOf(const std::string& bytes, int page) {
    try {
        return sheets::readImage(asSpan(bytes), {.page = page});
    } catch (const sheets::UnreadableImage& error) {
        throw noImage(std::string("the image cannot be read: ") + error.what());
    }
}

// What of a stage's options decides how its sheets are read.
struct HowRead {
    sheets::Template sheet{};
    double min_confidence = sheets::ReadSheetOptions{}.min_confidence;
};

HowRead howRead(const StageUse& stage, const Pipeline& pipeline, const ExpressionScope& scope) {
    RawValues wanted;
    for (const char* name : {"template", "min_confidence"}) {
        if (const auto found = stage.with.find(name); found != stage.with.end())
            wanted.insert(*found);
    }
    const ParamValues values = resolveValues(wanted, scope, pipeline.file);
    const std::filesystem::path file = values.at("template").text;
    HowRead how{.sheet = sheets::loadTemplate(pipeline.file.parent_path() / file)};
    if (const auto least = values.find("min_confidence"); least != values.end())
        how.min_confidence = std::stod(least->second.text);
    return how;
}

HowRead howRead(const DataFolder& folder, const PluginCatalog& plugins, const BatchRow& batch) {
    const auto no_template = [](const std::string& why) {
        return Error(ErrorClass::permanent, "NO_TEMPLATE", why);
    };
    try {
        const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
        Redactor redactor;
        const ExpressionScope scope = batchScope(batch, pipeline, folder, redactor);
        // Others know templates too: the one that sorts by codes asks it where they lie.
        const auto stage = std::ranges::find_if(pipeline.stages, [](const StageUse& use) {
            return use.with.contains("template") && use.with.contains("processor");
        });
        if (stage == pipeline.stages.end())
            throw no_template("the pipeline reads sheets without a template");
        return howRead(*stage, pipeline, scope);
    } catch (const ConfigError&) {
        // Its text names paths of this machine.
        throw no_template("the pipeline's template cannot be read any more");
    } catch (const std::logic_error&) {
        throw no_template("the pipeline's min_confidence is no number");
    }
}

}  // namespace

SheetPicture pictureOf(const DataFolder& folder, const std::string& batch_id, const Sheet& sheet) {
    std::string bytes = bytesOf(folder, batch_id, sheet);
    const auto format = sheets::imageFormat(asSpan(bytes));
    if (!format) throw noImage("the file is no image");
    if (*format == sheets::ImageFormat::jpeg)
        return {.bytes = std::move(bytes), .media_type = "image/jpeg"};
    if (*format == sheets::ImageFormat::png)
        return {.bytes = std::move(bytes), .media_type = "image/png"};
    return {.bytes = asText(sheets::encodeJpeg(pageOf(bytes, sheet.page), kJpegQuality)),
            .media_type = "image/jpeg"};
}

SheetPicture overlayOf(const DataFolder& folder, const PluginCatalog& plugins,
                       const BatchRow& batch, const Sheet& sheet) {
    const HowRead how = howRead(folder, plugins, batch);
    const sheets::GreyImage page = pageOf(bytesOf(folder, batch.batch_id, sheet), sheet.page);
    const auto shown =
        sheets::checkSheet(page, how.sheet, {.qr = sheet.qr, .min_confidence = how.min_confidence});
    return {.bytes = asText(shown.picture), .media_type = "image/png"};
}

std::vector<FieldPicture> doubtsOf(const DataFolder& folder, const PluginCatalog& plugins,
                                   const BatchRow& batch, const Sheet& sheet) {
    const HowRead how = howRead(folder, plugins, batch);
    const sheets::GreyImage page = pageOf(bytesOf(folder, batch.batch_id, sheet), sheet.page);
    std::vector<FieldPicture> pictures;
    try {
        const auto reading = sheets::readSheet(
            page, how.sheet, {.qr = sheet.qr, .min_confidence = how.min_confidence});
        for (const auto& field : sheets::drawDoubtfulFields(page, how.sheet, reading))
            pictures.push_back({.field = field.name,
                                .flag = std::string(sheets::toString(field.flag)),
                                .png = asText(field.picture)});
    } catch (const sheets::UnreadableSheet&) {
        // The template has changed since: the batch's answers are no longer there to be seen.
        throw Error(ErrorClass::permanent, "NO_TEMPLATE",
                    "the template as it stands now does not read the sheet");
    }
    return pictures;
}

}  // namespace sheafline
