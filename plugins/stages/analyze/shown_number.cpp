#include "shown_number.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sheafline::analyze {

std::string alignedNumber(double value, int decimals) {
    if (!std::isfinite(value)) return "–";
    std::array<char, 64> text{};
    const double half = 0.5 * std::pow(10, -decimals);
    const double shown = std::abs(value) < half ? 0 : value;  // no minus before zeros
    const auto end = std::to_chars(text.data(), text.data() + text.size(), shown,
                                   std::chars_format::fixed, decimals);
    return end.ec == std::errc() ? std::string(text.data(), end.ptr) : "–";
}

std::string shownNumber(double value, int decimals) {
    std::string shown = alignedNumber(value, decimals);
    if (shown.find('.') != std::string::npos) {
        shown.erase(shown.find_last_not_of('0') + 1);
        if (shown.ends_with('.')) shown.pop_back();
    }
    return shown;
}

std::string shownPercent(double share) {
    return std::isfinite(share) ? shownNumber(share * 100, 0) + " %" : "–";
}

}  // namespace sheafline::analyze
