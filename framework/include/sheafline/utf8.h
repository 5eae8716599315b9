// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure; any
// thread.
//
//     while (!text.empty()) {
//         const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
//         ...
//         text.remove_prefix(length);
//     }
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

// The number of bytes of the character at the start of `text`; 0 if the bytes are malformed or
// `text` is empty.
SHEAFLINE_API std::size_t utf8Length(std::string_view text);

SHEAFLINE_API bool isUtf8(std::string_view text);

// The character at the start of `text`, which must be well-formed there.
SHEAFLINE_API char32_t utf8Character(std::string_view text);

// `text` with U+FFFD in place of each malformed byte.
SHEAFLINE_API std::string cleanUtf8(std::string_view text);

// `character` must be a Unicode scalar value.
SHEAFLINE_API void appendUtf8(std::string& text, char32_t character);

}  // namespace sheafline
