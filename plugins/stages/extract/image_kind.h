// The kind of an image file, found by its first bytes and never by its name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sheafline::extract {

enum class ImageKind { none, jpeg, png, tiff, webp };

ImageKind imageKind(std::span<const std::uint8_t> bytes);
std::string_view extensionOf(ImageKind kind);  // ".jpg"

// Pages of an image file; counting ends above `most`. A TIFF whose chain of pages breaks has the
// pages before the break, and at least one: reading that page reports what is wrong.
std::uint64_t countPages(ImageKind kind, std::span<const std::uint8_t> bytes, std::uint64_t most);

}  // namespace sheafline::extract
