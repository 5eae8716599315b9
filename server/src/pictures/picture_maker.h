// Makes pictures of sheets from their batch's archive. Because it decodes untrusted images, the
// server uses it only in picture processes. Caches the directories of the last archives and the
// last page. One thread. Throws Error: NO_IMAGE if the archive or page cannot be read, NO_TEMPLATE,
// NO_SUCH_FIELD.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/read_sheet.h>

#include "pictures/picture_order.h"

namespace sheafline {

namespace extract {
struct ZipEntry;
}

struct FieldPicture {
    std::string field{};
    std::string flag{};
    std::string png{};
};

class PictureMaker {
 public:
    PictureMaker();
    ~PictureMaker();
    PictureMaker(const PictureMaker&) = delete;
    PictureMaker& operator=(const PictureMaker&) = delete;

    SheetPicture draw(const PictureOrder& order);
    // The part of the page, if the template has an image with the name of the order's field.
    std::optional<SheetPicture> imageField(const PictureOrder& order);
    // One picture for each flagged answer of a sheet that was read.
    std::vector<FieldPicture> doubts(const PictureOrder& order);

 private:
    struct Archive;
    Archive& archiveOf(const PictureOrder& order);
    static const extract::ZipEntry& entryOf(const Archive& archive, const PictureOrder& order);
    std::string bytesOf(const PictureOrder& order);
    const sheets::GreyImage& pageOf(const PictureOrder& order);
    sheets::SheetReading readingOf(const PictureOrder& order, const sheets::Template& sheet);
    SheetPicture drawAnswer(const PictureOrder& order);

    std::list<std::unique_ptr<Archive>> archives_;  // newest first
    PictureOrder page_order_{};                     // of page_
    std::unique_ptr<sheets::GreyImage> page_;
};

}  // namespace sheafline
