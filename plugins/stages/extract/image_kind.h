// Which files of an archive are sheets: told by their first bytes, never by their name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sheafline::extract {

enum class ImageKind { none, jpeg, png, tiff };

ImageKind imageKind(std::span<const std::uint8_t> bytes);
std::string_view extensionOf(ImageKind kind);  // ".jpg"

// Pages of an image file. A TIFF whose chain of pages breaks has those before the break, and one at
// least: reading it will tell what is wrong with it.
int countPages(ImageKind kind, std::span<const std::uint8_t> bytes);

}  // namespace sheafline::extract
