// The decoded bytes of a stream, up to a limit: a few bytes can hold gigabytes.
#pragma once

#include <cstdint>
#include <optional>
#include <qpdf/QPDFObjectHandle.hh>
#include <string>

namespace sheafline::pdf {

enum class Filters { none, all };  // which of the stream's filters are applied

// Nothing if there are more than `most` bytes, or if they are damaged.
std::optional<std::string> boundedBytes(QPDFObjectHandle stream, Filters filters,
                                        std::uint64_t most);

// The bytes of a zlib stream.
std::optional<std::string> inflated(const std::string& bytes, std::uint64_t most);

}  // namespace sheafline::pdf
