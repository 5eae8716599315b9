#include "pictures/picture_maker.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <sys/stat.h>
#include <unordered_map>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/encode_image.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>

#include "zip/zip_archive.h"

namespace sheafline {

namespace {

constexpr std::uint64_t kMaxImageBytes = std::uint64_t{64} << 20U;
constexpr std::size_t kArchives = 4;
constexpr int kJpegQuality = 90;

// The batch has already accepted the archive, so only the requested entry is limited here.
constexpr extract::ZipLimits kNoLimits{.max_bytes = std::numeric_limits<std::uint64_t>::max(),
                                       .max_entries = std::numeric_limits<std::uint32_t>::max(),
                                       .max_entry_bytes = std::numeric_limits<std::uint64_t>::max(),
                                       .max_ratio = 1e18};

Error noImage(const std::string& why) { return {ErrorClass::permanent, "NO_IMAGE", why}; }

std::span<const std::uint8_t> asSpan(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

std::string asText(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

sheets::Template templateOf(const PictureOrder& order) {
    try {
        return sheets::loadTemplate(order.template_file);
    } catch (const ConfigError&) {
        // The text of the exception contains paths of this machine, so it is not passed on.
        throw Error(ErrorClass::permanent, "NO_TEMPLATE",
                    "the pipeline's template can no longer be read; tell the operator");
    }
}

}  // namespace

struct PictureMaker::Archive {
    std::filesystem::path path;
    struct stat seen;
    extract::ZipArchive zip;
    std::unordered_map<std::string_view, const extract::ZipEntry*> by_name{};

    Archive(std::filesystem::path file, const struct stat& status)
        : path(std::move(file)), seen(status), zip(path, "the archive", kNoLimits) {
        for (const extract::ZipEntry& entry : zip.entries()) by_name.emplace(entry.name, &entry);
    }

    bool isStill(const std::filesystem::path& file, const struct stat& now) const {
        return path == file && seen.st_ino == now.st_ino && seen.st_size == now.st_size &&
               seen.st_mtim.tv_sec == now.st_mtim.tv_sec &&
               seen.st_mtim.tv_nsec == now.st_mtim.tv_nsec;
    }
};

PictureMaker::PictureMaker() = default;
PictureMaker::~PictureMaker() = default;

PictureMaker::Archive& PictureMaker::archiveOf(const PictureOrder& order) {
    struct stat now {};
    const bool exists = ::stat(order.archive.c_str(), &now) == 0;
    const bool newest =
        exists && !archives_.empty() && archives_.front()->isStill(order.archive, now);
    if (!newest) page_.reset();
    if (!exists) throw noImage("the batch's archive was removed from the server's disk");
    const auto known = std::ranges::find_if(
        archives_, [&](const auto& archive) { return archive->isStill(order.archive, now); });
    if (known != archives_.end()) {
        archives_.splice(archives_.begin(), archives_, known);
        return *archives_.front();
    }
    try {
        archives_.push_front(std::make_unique<Archive>(order.archive, now));
    } catch (const Error&) {
        throw noImage("the batch's archive can no longer be read");
    }
    if (archives_.size() > kArchives) archives_.pop_back();
    return *archives_.front();
}

// Several entries can have one name, so the place counts. A batch whose extracted files were
// removed has lost it.
const extract::ZipEntry& PictureMaker::entryOf(const Archive& archive, const PictureOrder& order) {
    const auto& entries = archive.zip.entries();
    if (order.entry > 0 && order.entry <= entries.size() &&
        entries[order.entry - 1].name == order.file)
        return entries[order.entry - 1];
    const auto found = archive.by_name.find(order.file);
    if (found == archive.by_name.end()) throw noImage("the archive has no file of this name");
    return *found->second;
}

std::string PictureMaker::bytesOf(const PictureOrder& order) {
    const Archive& archive = archiveOf(order);
    const extract::ZipEntry& entry = entryOf(archive, order);
    if (entry.size > kMaxImageBytes) throw noImage("the image has more than 64 MiB");
    std::vector<std::uint8_t> bytes;
    try {
        extract::Inflater(archive.zip).inflate(entry, bytes);
    } catch (const Error&) {
        throw noImage("the image is damaged in the archive");
    }
    archive.zip.letGo(entry);
    return asText(bytes);
}

const sheets::GreyImage& PictureMaker::pageOf(const PictureOrder& order) {
    archiveOf(order);  // drops the cached page if the archive has changed or was removed
    PictureOrder wanted{
        .archive = order.archive, .file = order.file, .entry = order.entry, .page = order.page};
    if (page_ && page_order_ == wanted) return *page_;
    page_.reset();
    try {
        page_ = std::make_unique<sheets::GreyImage>(
            sheets::readImage(asSpan(bytesOf(order)), {.page = order.page}));
    } catch (const sheets::UnreadableImage& error) {
        throw noImage(std::string("the image cannot be read: ") + error.what());
    }
    page_order_ = std::move(wanted);
    return *page_;
}

SheetPicture PictureMaker::draw(const PictureOrder& order) {
    if (order.kind == PictureKind::field) {
        if (auto image = imageField(order)) return std::move(*image);
        return drawAnswer(order);
    }
    if (order.kind == PictureKind::overlay) {
        const sheets::Template sheet = templateOf(order);
        const auto shown = sheets::checkSheet(
            pageOf(order), sheet, {.qr = order.qr, .min_confidence = order.min_confidence});
        return {.bytes = asText(shown.picture), .media_type = "image/png"};
    }
    std::string bytes = bytesOf(order);
    if (order.kind == PictureKind::source)
        return {.bytes = std::move(bytes), .media_type = std::string(kSourceType)};
    const auto format = sheets::imageFormat(asSpan(bytes));
    if (!format) throw noImage("the file is not an image");
    if (*format == sheets::ImageFormat::jpeg)
        return {.bytes = std::move(bytes), .media_type = "image/jpeg"};
    if (*format == sheets::ImageFormat::png)
        return {.bytes = std::move(bytes), .media_type = "image/png"};
    return {.bytes = asText(sheets::encodeJpeg(pageOf(order), kJpegQuality)),
            .media_type = "image/jpeg"};
}

std::optional<SheetPicture> PictureMaker::imageField(const PictureOrder& order) {
    const sheets::Template sheet = templateOf(order);
    try {
        const auto png = sheets::cutOut(pageOf(order), sheet, order.field, {.qr = order.qr});
        if (!png) return std::nullopt;
        return SheetPicture{.bytes = asText(*png), .media_type = "image/png"};
    } catch (const sheets::UnreadableSheet& error) {
        throw noImage("the page cannot be aligned, so '" + order.field +
                      "' cannot be cut out: " + error.what());
    }
}

// Reads the sheet as the batch does.
sheets::SheetReading PictureMaker::readingOf(const PictureOrder& order,
                                             const sheets::Template& sheet) {
    try {
        return sheets::readSheet(pageOf(order), sheet,
                                 {.qr = order.qr, .min_confidence = order.min_confidence});
    } catch (const sheets::UnreadableSheet&) {
        // The template has changed, so it no longer describes where the batch's answers are.
        throw Error(ErrorClass::permanent, "NO_TEMPLATE",
                    "the template has changed and no longer reads this sheet");
    }
}

SheetPicture PictureMaker::drawAnswer(const PictureOrder& order) {
    const sheets::Template sheet = templateOf(order);
    const auto reading = readingOf(order, sheet);
    const auto png = sheets::drawAnswer(pageOf(order), sheet, reading, order.field, order.rows);
    if (!png)
        throw Error(ErrorClass::permanent, "NO_SUCH_FIELD",
                    "the template has no field '" + order.field + "'");
    return {.bytes = asText(*png), .media_type = "image/png"};
}

std::vector<FieldPicture> PictureMaker::doubts(const PictureOrder& order) {
    const sheets::Template sheet = templateOf(order);
    const auto reading = readingOf(order, sheet);
    std::vector<FieldPicture> pictures;
    for (const auto& field : sheets::drawDoubtfulFields(pageOf(order), sheet, reading))
        pictures.push_back({.field = field.name,
                            .flag = std::string(sheets::toString(field.flag)),
                            .png = asText(field.picture)});
    return pictures;
}

}  // namespace sheafline
