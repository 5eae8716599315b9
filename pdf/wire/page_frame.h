// What the program `sheafline-pdf` writes to its standard output for the stage `extract`, which
// checks it as untrusted input: frames, one after the other.
//
//   output = count (image | drawn | unreadable)* end | rejected
//   frame  = kind:1 page:4 length:8 bytes                 ; little-endian
//
//   count       page: how many pages the file has
//   image       bytes: the page as a JPEG, PNG or TIFF
//   drawn       bytes: why the page is not one image, so that it must be drawn
//   unreadable  bytes: why nobody can read the page
//   rejected    bytes: why nobody can read the file
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sheafline::pdf {

enum class PageFrameKind : std::uint8_t { count, image, drawn, unreadable, rejected, end };

struct PageFrame {
    PageFrameKind kind = PageFrameKind::end;
    std::uint32_t page = 0;  // 1-based
    std::uint64_t length = 0;
};

inline constexpr std::size_t kPageFrameBytes = 13;

inline std::array<std::uint8_t, kPageFrameBytes> encoded(const PageFrame& frame) {
    std::array<std::uint8_t, kPageFrameBytes> bytes{static_cast<std::uint8_t>(frame.kind)};
    for (std::size_t i = 0; i < 4; ++i)
        bytes.at(1 + i) = static_cast<std::uint8_t>(frame.page >> (8 * i));
    for (std::size_t i = 0; i < 8; ++i)
        bytes.at(5 + i) = static_cast<std::uint8_t>(frame.length >> (8 * i));
    return bytes;
}

// Nothing if there is no such kind.
inline std::optional<PageFrame> decoded(std::span<const std::uint8_t, kPageFrameBytes> bytes) {
    if (bytes[0] > static_cast<std::uint8_t>(PageFrameKind::end)) return std::nullopt;
    PageFrame frame{.kind = static_cast<PageFrameKind>(bytes[0])};
    for (std::size_t i = 0; i < 4; ++i)
        frame.page |= static_cast<std::uint32_t>(bytes[1 + i]) << (8 * i);
    for (std::size_t i = 0; i < 8; ++i)
        frame.length |= static_cast<std::uint64_t>(bytes[5 + i]) << (8 * i);
    return frame;
}

}  // namespace sheafline::pdf
