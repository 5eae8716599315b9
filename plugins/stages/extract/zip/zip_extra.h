// The extra field of a header: the parts of it that are used here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zip_format.h"

namespace sheafline::extract {

struct ZipExtra {
    std::optional<Bytes> zip64{};
    std::optional<Bytes> unicode_name{};

    // The name in UTF-8 of the field 0x7075; nothing if there is none, or if it belongs to another
    // name than `raw_name` (an old tool renamed the entry and kept the field).
    std::optional<std::string> nameFor(std::string_view raw_name) const;
};

// Nothing if the field contradicts itself: a part is longer than the field, or is there twice.
std::optional<ZipExtra> readZipExtra(Bytes extra);

// Takes the 64-bit numbers of a ZIP64 part one after the other.
class Zip64Numbers {
 public:
    explicit Zip64Numbers(const ZipExtra& extra) : rest_(extra.zip64.value_or(Bytes{})) {}

    // Replaces `value` if it is all ones. Returns false if the part ends before.
    bool replace(std::uint64_t& value);
    // The same for a disk number, which is all ones in 16 bits.
    bool replaceDisk(std::uint32_t& disk);

 private:
    Bytes rest_;
};

}  // namespace sheafline::extract
