// A batch as one ZIP: its artifacts (results, report, decisions, findings) and pictures of the
// answers in doubt and of the template's images. It is written as it is made: the memory does not
// grow with the files. One thread.
//
//     results/…            every artifact
//     pictures/000012-q7.png   an answer in doubt, or an image of the template
//     bundle.txt           what is inside, and what could not be added
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>

#include "base/data_folder.h"
#include "history/history_reader.h"
#include "pictures/picture_order.h"
#include "plugins/plugin_catalog.h"

namespace sheafline {

struct BundleParts {
    const DataFolder& folder;
    const PluginCatalog& plugins;
    HistoryReader& history;
    // Makes one picture; throws Error if it cannot. Empty: the bundle has no pictures.
    std::function<SheetPicture(const PictureOrder&)> draw{};
    std::function<bool()> wanted{};  // false: stop, for example because the client left
};

struct BundleCounts {
    std::size_t artifacts = 0;
    std::size_t pictures = 0;
    std::size_t missing = 0;  // listed in bundle.txt
};

// Throws Error of class cancelled if it is not wanted any more.
BundleCounts writeBundle(std::ostream& out, const BatchRow& batch, const BundleParts& parts);

}  // namespace sheafline
