// Which picture of a sheet to make, and from which files: everything that a picture process needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/data_folder.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

enum class PictureKind {
    original,  // as it was uploaded; a page of a TIFF, which browsers do not show, as a JPEG
    overlay,   // a PNG with the reading drawn over it
    field,     // a PNG of one answer
    source,    // no picture: the bytes of the sheet's file, as its batch's workers read them
};

struct PictureOrder {
    PictureKind kind = PictureKind::original;
    std::filesystem::path archive{};
    std::string file{};       // its name in the archive
    std::uint64_t entry = 0;  // its place in the archive, from 1; 0: the first entry of this name
    int page = 1;
    // Not used for an original:
    std::filesystem::path template_file{};
    double min_confidence = 0;
    std::string qr{};
    std::string field{};  // of the template's fields or output columns
    int rows = 0;         // of fields above and below it

    bool operator==(const PictureOrder&) const = default;
};

struct SheetPicture {
    std::string bytes{};
    std::string media_type{};
};

// The media type of a source.
inline constexpr std::string_view kSourceType = "application/octet-stream";

PictureOrder originalOrder(const DataFolder& folder, const std::string& batch_id,
                           const Sheet& sheet);
// The order for a sheet whose extracted file another server has. Throws Error NO_IMAGE if the file
// was not made from an entry of the archive.
PictureOrder sourceOrder(const DataFolder& folder, const std::string& batch_id, const Sheet& sheet);
// The template is that of the batch's pipeline as it is now: the option `template` of the first
// stage that passes it to a processor. Throws Error NO_TEMPLATE if there is none.
PictureOrder overlayOrder(const DataFolder& folder, const PluginCatalog& plugins,
                          const BatchRow& batch, const Sheet& sheet);

std::string wireOf(const PictureOrder& order);
PictureOrder pictureOrderOf(std::string_view wire);  // throws Error (WIRE)

}  // namespace sheafline
