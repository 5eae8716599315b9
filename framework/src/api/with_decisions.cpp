#include <algorithm>
#include <cstddef>
#include <utility>

#include <sheafline/sheets.h>

namespace sheafline {

namespace {

constexpr std::string_view kByHand = ":by_hand";

// "q7:faint;q9:multiple" in its parts.
std::vector<std::string> partsOf(std::string_view flags) {
    std::vector<std::string> parts;
    while (!flags.empty()) {
        const std::size_t end = std::min(flags.find(';'), flags.size());
        if (end > 0) parts.emplace_back(flags.substr(0, end));
        flags.remove_prefix(std::min(end + 1, flags.size()));
    }
    return parts;
}

bool isOf(const std::string& flag, const std::string& column) {
    return flag.size() > column.size() && flag.starts_with(column) && flag[column.size()] == ':';
}

void append(std::string& flags, std::string_view flag) {
    if (!flags.empty()) flags += ';';
    flags += flag;
}

}  // namespace

Reading withDecisions(Reading reading, const std::vector<std::string>& columns,
                      const std::vector<DecidedField>& decided) {
    std::vector<std::string> left = partsOf(reading.flags);
    std::string flags;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto decision = std::ranges::find(decided, columns[i], &DecidedField::column);
        const bool is_decided = decision != decided.end();
        if (is_decided) {
            if (i < reading.values.size()) reading.values[i] = decision->value;
            append(flags, columns[i] + std::string(kByHand));
        }
        for (const std::string& flag : left) {
            if (!is_decided && isOf(flag, columns[i])) append(flags, flag);
        }
        std::erase_if(left, [&](const std::string& flag) { return isOf(flag, columns[i]); });
    }
    for (const std::string& flag : left) append(flags, flag);
    reading.flags = std::move(flags);
    return reading;
}

}  // namespace sheafline
