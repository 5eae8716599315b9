#include "name_decoder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iconv.h>
#include <iterator>
#include <memory>
#include <optional>
#include <uchardet/uchardet.h>
#include <utility>

#include <sheafline/utf8.h>

namespace sheafline::extract {

namespace {

// uchardet needs some hundred bytes for a good guess, so the names of a small archive are given to
// it repeatedly.
constexpr std::size_t kFewestBytes = 4096;
constexpr std::size_t kMostBytes = 1U << 20U;

// The upper half of code page 437. Not by iconv: it may lack its tables in a small container.
constexpr std::array<char16_t, 128> kCodePage437 = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF,
    0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9,
    0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA,
    0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F,
    0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580,
    0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4,
    0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248,
    0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};

std::string fromCodePage437(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<std::uint8_t>(c);
        appendUtf8(text, byte < 0x80 ? byte : kCodePage437.at(byte - 0x80U));
    }
    return text;
}

class Iconv {
 public:
    explicit Iconv(const std::string& encoding)
        : descriptor_(::iconv_open("UTF-8", encoding.c_str())) {}
    ~Iconv() {
        if (known()) ::iconv_close(descriptor_);
    }
    Iconv(const Iconv&) = delete;
    Iconv& operator=(const Iconv&) = delete;

    // Nothing if the bytes are not of this encoding.
    std::optional<std::string> toUtf8(std::string_view name) const {
        if (!known()) return std::nullopt;
        std::string input(name);
        std::string text(name.size() * 4 + 4, '\0');
        char* from = input.data();
        char* to = text.data();
        std::size_t from_left = input.size();
        std::size_t to_left = text.size();
        ::iconv(descriptor_, nullptr, nullptr, nullptr, nullptr);
        if (::iconv(descriptor_, &from, &from_left, &to, &to_left) != 0) return std::nullopt;
        text.resize(text.size() - to_left);
        return text;
    }

 private:
    bool known() const { return reinterpret_cast<std::intptr_t>(descriptor_) != -1; }

    const iconv_t descriptor_;
};

// Encodings by which Windows extends those that uchardet names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kExtended{
    {{"SHIFT_JIS", "CP932"},
     {"EUC-KR", "UHC"},
     {"GB2312", "GB18030"},
     {"ISO-8859-1", "CP1252"},
     {"ISO-8859-9", "CP1254"}}};

bool hasSeveralBytes(std::string_view encoding) {
    static constexpr std::array<std::string_view, 9> kEncodings{
        "CP932",  "GB18030",     "BIG5",        "UHC",       "EUC-JP",
        "EUC-TW", "ISO-2022-JP", "ISO-2022-KR", "HZ-GB-2312"};
    return std::ranges::find(kEncodings, encoding) != kEncodings.end();
}

std::string guessEncoding(const std::vector<std::string_view>& names) {
    std::string sample;
    do {
        for (const std::string_view name : names) {
            if (sample.size() < kMostBytes) sample.append(name).append("\n");
        }
    } while (sample.size() < kFewestBytes);
    const std::unique_ptr<uchardet, decltype(&uchardet_delete)> detector(uchardet_new(),
                                                                         &uchardet_delete);
    if (uchardet_handle_data(detector.get(), sample.data(), sample.size()) != 0) return {};
    uchardet_data_end(detector.get());
    std::string encoding = uchardet_get_charset(detector.get());
    for (const auto& [guessed, extended] : kExtended) {
        if (encoding == guessed) encoding = extended;
    }
    return encoding;
}

struct Range {
    char32_t first;
    char32_t last;
};

// Letters of the scripts that names are written in; not symbols, punctuation and line drawing.
bool isLetter(char32_t character) {
    static constexpr std::array<Range, 17> kLetters{{{0x00C0, 0x00D6},
                                                     {0x00D8, 0x00F6},
                                                     {0x00F8, 0x024F},
                                                     {0x0300, 0x03FF},
                                                     {0x0400, 0x052F},
                                                     {0x0531, 0x0587},
                                                     {0x05D0, 0x05EA},
                                                     {0x0620, 0x06FF},
                                                     {0x0900, 0x0DFF},
                                                     {0x0E01, 0x0E5B},
                                                     {0x10A0, 0x11FF},
                                                     {0x1E00, 0x1FFF},
                                                     {0x3005, 0x3007},
                                                     {0x3041, 0x312F},
                                                     {0x3400, 0x9FFF},
                                                     {0xAC00, 0xD7A3},
                                                     {0xFF10, 0xFF9F}}};
    return std::ranges::any_of(kLetters, [&](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

// How many of the characters beyond ASCII are letters, from 0 to 1.
double letterShare(std::string_view text) {
    double letters = 0;
    double characters = 0;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8Length(text), 1);
        if (length > 1) {
            characters += 1;
            letters += isLetter(utf8Character(text)) ? 1 : 0;
        }
        text.remove_prefix(length);
    }
    return characters == 0 ? 1 : letters / characters;
}

// The share of all names together; 0 if one of them is not of this encoding.
double shareIn(const std::string& encoding, const std::vector<std::string_view>& names) {
    const Iconv iconv(encoding);
    std::string all;
    for (const std::string_view name : names) {
        const std::optional<std::string> text = iconv.toUtf8(name);
        if (!text) return 0;
        all += *text;
    }
    return letterShare(all);
}

// Words of Western languages have few accented letters in a row; those in two-byte encodings that
// are taken for Western have nothing else.
bool hasLongRun(const std::vector<std::string_view>& names) {
    return std::ranges::any_of(names, [](std::string_view name) {
        std::size_t run = 0;
        return std::ranges::any_of(name, [&](char c) {
            run = static_cast<std::uint8_t>(c) < 0x80 ? 0 : run + 1;
            return run == 3;
        });
    });
}

}  // namespace

NameDecoder::NameDecoder(const std::vector<std::string_view>& names) {
    std::vector<std::string_view> foreign;
    std::ranges::copy_if(names, std::back_inserter(foreign),
                         [](std::string_view name) { return !isUtf8(name); });
    if (foreign.empty()) return;
    std::string as_437;
    for (const std::string_view name : foreign) as_437 += fromCodePage437(name);
    std::string guess = guessEncoding(foreign);
    double best = shareIn(guess, foreign);
    if (best < 1 && hasLongRun(foreign)) {
        for (const char* encoding : {"CP932", "GB18030"}) {
            const double share = shareIn(encoding, foreign);
            if (share <= best) continue;
            best = share;
            guess = encoding;
        }
    }
    if (best == 0 || best < letterShare(as_437)) return;
    encoding_ = std::move(guess);
    several_bytes_ = hasSeveralBytes(encoding_);
}

std::string NameDecoder::decode(std::string_view name) const {
    const bool valid = isUtf8(name);
    // A short name in a two-byte encoding may be valid UTF-8 by chance.
    if (valid && !several_bytes_) return std::string(name);
    if (!encoding_.empty()) {
        if (std::optional<std::string> text = Iconv(encoding_).toUtf8(name)) return *text;
    }
    return valid ? std::string(name) : fromCodePage437(name);
}

}  // namespace sheafline::extract
