// A regular expression (PCRE2, UTF-8) that says whether a text contains a match; `$` is the very
// end of the text. Bounded: a match that takes too long counts as none. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sheafline {

class TextPattern {
 public:
    // Throws ConfigError that says what is wrong, and at which character.
    explicit TextPattern(std::string_view pattern);
    ~TextPattern();
    TextPattern(const TextPattern&) = delete;
    TextPattern& operator=(const TextPattern&) = delete;

    bool matches(std::string_view text) const;

 private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
};

}  // namespace sheafline
