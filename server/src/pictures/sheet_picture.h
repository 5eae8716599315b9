// The picture of a sheet, made on demand from its batch's archive: as it was sent, or with what was
// read drawn over it. Pure but for reading files; any thread. Both throw Error: NO_IMAGE where the
// archive or the page is no more or cannot be read, NO_TEMPLATE where nothing says what is where on
// a sheet.
#pragma once

#include <string>
#include <vector>

#include "base/data_folder.h"
#include "history/history_reader.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct SheetPicture {
    std::string bytes{};
    std::string media_type{};
};

// A page of a TIFF, which browsers do not show and which may have many, comes as a JPEG.
SheetPicture pictureOf(const DataFolder& folder, const std::string& batch_id, const Sheet& sheet);

// A PNG. The template is that of the batch's pipeline as it stands now: the option `template` of
// the first stage that hands it to a processor.
SheetPicture overlayOf(const DataFolder& folder, const PluginCatalog& plugins,
                       const BatchRow& batch, const Sheet& sheet);

struct FieldPicture {
    std::string field{};
    std::string flag{};
    std::string png{};
};

// Of every flagged answer of a sheet that was read; none of one without doubt. Throws what
// overlayOf() throws.
std::vector<FieldPicture> doubtsOf(const DataFolder& folder, const PluginCatalog& plugins,
                                   const BatchRow& batch, const Sheet& sheet);

}  // namespace sheafline
