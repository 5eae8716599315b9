#include "extract_options.h"

#include <string>
#include <vector>

namespace sheafline::extract {

namespace {

// Empty means every kind that can be read.
ImageKinds kindsNamed(const std::vector<std::string>& names) {
    if (names.empty()) return {ImageKind::jpeg, ImageKind::png, ImageKind::tiff, ImageKind::webp};
    ImageKinds kinds;
    for (const std::string& name : names) {
        if (name.starts_with("jp")) kinds.insert(ImageKind::jpeg);
        if (name == "png") kinds.insert(ImageKind::png);
        if (name.starts_with("tif")) kinds.insert(ImageKind::tiff);
        if (name == "webp") kinds.insert(ImageKind::webp);
    }
    return kinds;
}

}  // namespace

Options::Options(Params& p)
    : archive(p.path("archive",
                     {.help = "a ZIP of scanned sheets, a PDF, or one JPEG, PNG, TIFF or WebP",
                      .required = true})),
      limits{.max_bytes = p.size("max_bytes", {.help = "most bytes to extract from an archive",
                                               .default_value = "20GiB"}),
             .max_entries = static_cast<std::uint64_t>(
                 p.integer("max_entries", {.help = "most entries of an archive, and most sheets",
                                           .default_value = "200000",
                                           .min = "1",
                                           .max = "10000000"})),
             .max_entry_bytes = p.size(
                 "max_entry_bytes",
                 {.help = "most bytes of one file", .default_value = "256MiB", .max = "2GiB"}),
             .max_ratio = p.number("max_ratio", {.help = "most bytes to inflate from one byte",
                                                 .default_value = "200",
                                                 .min = "1"})},
      wanted{.kinds = kindsNamed(p.list(
                 "kinds", {.help = "the kinds of images to take: jpg, png, tif, webp; default: all "
                                   "of them",
                           .pattern = "^(jpe?g|png|tiff?|webp)$"})),
             .max_pages = static_cast<std::uint64_t>(p.integer(
                 "max_pages",
                 {.help = "most pages of all PDFs, and of all other files that have several pages",
                  .default_value = "20000",
                  .min = "1",
                  .max = "10000000"}))},
      page_timeout(p.duration("page_timeout",
                              {.help = "the longest that reading or drawing one page of a PDF may "
                                       "take",
                               .default_value = "60s",
                               .min = "1s",
                               .max = "1h"})) {}

}  // namespace sheafline::extract
