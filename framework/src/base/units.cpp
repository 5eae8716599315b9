#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace sheafline {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kKilo = 1000;
// The largest first: a value is written in the first unit that divides it.
constexpr std::array kSizeUnits{Unit{"TiB", kKibi* kKibi* kKibi* kKibi},
                                Unit{"GiB", kKibi* kKibi* kKibi},
                                Unit{"MiB", kKibi* kKibi},
                                Unit{"KiB", kKibi},
                                Unit{"TB", kKilo* kKilo* kKilo* kKilo},
                                Unit{"GB", kKilo* kKilo* kKilo},
                                Unit{"MB", kKilo* kKilo},
                                Unit{"KB", kKilo},
                                Unit{"B", 1}};
constexpr std::array kDurationUnits{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                    Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::size_t kMostFractionDigits = 6;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view takeDigits(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && isDigit(text[n])) ++n;
    const std::string_view digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

bool isWhole(std::string_view digits) {
    return !digits.empty() && (digits.size() == 1 || digits.front() != '0');
}

template <typename T>
std::optional<T> converted(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> factorOf(std::string_view name, std::span<const Unit> units) {
    for (const Unit& unit : units)
        if (unit.name == name) return unit.factor;
    return std::nullopt;
}

// digits ["." digits] unit, exactly: 1.5GiB is a whole number of bytes, 0.3KiB is not.
std::optional<std::uint64_t> quantity(std::string_view text, std::span<const Unit> units) {
    const std::string_view whole = takeDigits(text);
    std::string_view fraction;
    if (!isWhole(whole)) return std::nullopt;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = takeDigits(text);
        if (fraction.empty() || fraction.size() > kMostFractionDigits) return std::nullopt;
    }
    const auto factor = factorOf(text, units);
    const auto value = converted<std::uint64_t>(whole);
    std::uint64_t total = 0;
    if (!factor || !value || __builtin_mul_overflow(*value, *factor, &total)) return std::nullopt;
    if (!fraction.empty()) {
        std::uint64_t scale = 1;
        for (std::size_t i = 0; i < fraction.size(); ++i) scale *= 10;
        const std::uint64_t part = converted<std::uint64_t>(fraction).value_or(0) * *factor;
        if (part % scale != 0 || __builtin_add_overflow(total, part / scale, &total))
            return std::nullopt;
    }
    if (total > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
    return total;
}

std::string quantityText(std::uint64_t value, std::span<const Unit> units) {
    for (const Unit& unit : units)
        if (value != 0 && value % unit.factor == 0)
            return std::to_string(value / unit.factor) + std::string(unit.name);
    return "0";
}

}  // namespace

std::optional<std::int64_t> parseInteger(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    const std::string_view whole = takeDigits(digits);
    if (!isWhole(whole) || !digits.empty() || text == "-0") return std::nullopt;
    return converted<std::int64_t>(text);
}

std::optional<double> parseNumber(std::string_view text) {
    std::string_view rest = text;
    if (rest.starts_with('-')) rest.remove_prefix(1);
    if (!isWhole(takeDigits(rest))) return std::nullopt;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        if (takeDigits(rest).empty()) return std::nullopt;
    }
    if (rest.starts_with('e') || rest.starts_with('E')) {
        rest.remove_prefix(1);
        if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
        if (takeDigits(rest).empty()) return std::nullopt;
    }
    if (!rest.empty()) return std::nullopt;
    return converted<double>(text);
}

std::optional<bool> parseBoolean(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::optional<std::uint64_t> parseSize(std::string_view text) {
    if (!text.empty() && isDigit(text.back()) && text.find('.') == std::string_view::npos)
        return quantity(std::string(text) + "B", kSizeUnits);
    return quantity(text, kSizeUnits);
}

std::optional<std::chrono::milliseconds> parseDuration(std::string_view text) {
    if (text == "0") return std::chrono::milliseconds(0);
    const auto value = quantity(text, kDurationUnits);
    if (!value || *value > static_cast<std::uint64_t>(kLongestDuration.count()))
        return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

std::optional<double> parsePercent(std::string_view text) {
    if (!text.ends_with('%') || text.starts_with('-')) return std::nullopt;
    text.remove_suffix(1);
    if (text.ends_with(' ')) text.remove_suffix(1);
    if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    const auto value = parseNumber(text);
    if (!value || *value > 100) return std::nullopt;
    return *value / 100;
}

std::string numberText(double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc() ? std::string(buffer.data(), end) : std::string();
}

std::string sizeText(std::uint64_t bytes) {
    std::string text = quantityText(bytes, kSizeUnits);
    if (text.size() > 1 && isDigit(text[text.size() - 2]) && text.back() == 'B') text.pop_back();
    return text;
}

std::string durationText(std::chrono::milliseconds duration) {
    return quantityText(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string percentText(double share) {
    // 0.07 * 100 is 7.000000000000001: rounded to what a person can have written.
    return numberText(std::round(share * 1e14) / 1e12) + "%";
}

std::optional<std::string> canonicalText(ParamType type, std::string_view text) {
    const auto written = [](const auto& value, auto toText) -> std::optional<std::string> {
        if (!value) return std::nullopt;
        return toText(*value);
    };
    switch (type) {
        case ParamType::integer:
            return written(parseInteger(text), [](std::int64_t v) { return std::to_string(v); });
        case ParamType::number:
            return written(parseNumber(text), numberText);
        case ParamType::boolean:
            return written(parseBoolean(text),
                           [](bool v) { return std::string(v ? "true" : "false"); });
        case ParamType::size:
            return written(parseSize(text), sizeText);
        case ParamType::duration:
            return written(parseDuration(text), durationText);
        case ParamType::percent:
            return written(parsePercent(text), percentText);
        default:
            return std::string(text);
    }
}

std::optional<long double> magnitude(ParamType type, std::string_view text) {
    const auto measured = [](const auto& value) -> std::optional<long double> {
        if (!value) return std::nullopt;
        return static_cast<long double>(*value);
    };
    switch (type) {
        case ParamType::integer:
        case ParamType::list:  // the number of its items
            return measured(parseInteger(text));
        case ParamType::number:
            return measured(parseNumber(text));
        case ParamType::size:
            return measured(parseSize(text));
        case ParamType::duration:
            if (const auto value = parseDuration(text))
                return static_cast<long double>(value->count());
            return std::nullopt;
        case ParamType::percent:
            return measured(parsePercent(text));
        default:
            return std::nullopt;
    }
}

std::string_view remedyFor(ParamType type) {
    switch (type) {
        case ParamType::integer:
            return "write a whole number such as 0, 12 or -3";
        case ParamType::number:
            return "write a number such as 2, 0.5 or 1e6";
        case ParamType::boolean:
            return "write true or false";
        case ParamType::size:
            return "write a size such as 512, 20KiB, 4MB or 1.5GiB";
        case ParamType::duration:
            return "write a duration such as 250ms, 30s, 5m, 2h or 1d, at most 36500d";
        case ParamType::percent:
            return "write a percentage from 0% to 100%, such as 2% or 0.5%";
        case ParamType::list:
            return "write a list such as [one, two]";
        case ParamType::path:
        case ParamType::file:
            return "write a path";
        case ParamType::choice:
        case ParamType::processor:
        case ParamType::string:
            return "write a text";
    }
    return "write a text";
}

}  // namespace sheafline
