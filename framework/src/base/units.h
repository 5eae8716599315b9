// Sizes, durations, percents and numbers as written in pipeline files and on the command line.
// Reading is strict: no sign, space, leading zero or unit that is not in the grammar. Pure
// functions; any thread.
//
//     integer  := ["-"] digits                        digits: no leading zero
//     number   := integer ["." digit+] [("e"|"E") ["+"|"-"] digit+]
//     boolean  := "true" | "false"
//     size     := digits ["." digit{1,6}] ["B" | "KB" … "TB" | "KiB" … "TiB"]    whole bytes
//     duration := digits ["." digit{1,6}] ("ms" | "s" | "m" | "h" | "d")         whole ms, or "0";
//                                                                                at most 36500d
//     percent  := digits ["." digit+] [" "] "%"                                  0 to 100
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sheafline/params.h>

namespace sheafline {

std::optional<std::int64_t> parseInteger(std::string_view text);
std::optional<double> parseNumber(std::string_view text);
std::optional<bool> parseBoolean(std::string_view text);
std::optional<std::uint64_t> parseSize(std::string_view text);
std::optional<std::chrono::milliseconds> parseDuration(std::string_view text);
std::optional<double> parsePercent(std::string_view text);  // 0.02 for "2%"

// A hundred years: a point in time that far ahead still fits into every clock.
inline constexpr std::chrono::milliseconds kLongestDuration = std::chrono::hours(24 * 36'500);

// Back to text, in the one form that equal values share: "1536MiB", "2m", "2%".
std::string numberText(double value);
std::string sizeText(std::uint64_t bytes);
std::string durationText(std::chrono::milliseconds duration);
std::string percentText(double share);

// The value in its canonical form, or nothing if it does not have this type. Texts come back as
// they are.
std::optional<std::string> canonicalText(ParamType type, std::string_view text);
// A measure for limits: bytes, milliseconds, a share; nothing for types without an order.
std::optional<long double> magnitude(ParamType type, std::string_view text);
// What to write instead: "write a size such as 512, 20KiB or 1.5GiB".
std::string_view remedyFor(ParamType type);

}  // namespace sheafline
