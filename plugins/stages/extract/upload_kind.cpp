#include "upload_kind.h"

#include <algorithm>
#include <string_view>

#include "image_kind.h"

namespace sheafline::extract {

bool looksLikePdf(std::span<const std::uint8_t> start) {
    const std::string_view text(reinterpret_cast<const char*>(start.data()),
                                std::min(start.size(), kStartBytes));
    return text.find("%PDF-") != std::string_view::npos && !text.starts_with("PK");
}

UploadKind kindOfUpload(const ArchiveFile& upload) {
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(upload.size(), kStartBytes));
    const auto start = upload.read(0, length);
    if (imageKind(start) != ImageKind::none) return UploadKind::image;
    return looksLikePdf(start) ? UploadKind::pdf : UploadKind::zip;
}

}  // namespace sheafline::extract
