// Turns the names of an archive into UTF-8 where the archive does not say their encoding. Names
// that are valid UTF-8 are UTF-8 (macOS does not set the flag). For the others, uchardet guesses
// one encoding over all of them; the guess counts if it turns their bytes into more letters than
// code page 437 does, which is what the format means. Every name gets a text: none is an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sheafline::extract {

class NameDecoder {
 public:
    explicit NameDecoder(const std::vector<std::string_view>& names);

    std::string decode(std::string_view name) const;

 private:
    std::string encoding_{};      // as iconv calls it; empty for code page 437
    bool several_bytes_ = false;  // an encoding with letters of two bytes
};

}  // namespace sheafline::extract
