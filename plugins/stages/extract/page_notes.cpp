#include "page_notes.h"

namespace sheafline::extract {

namespace {

constexpr std::string_view kMark = "%sheafline-unreadable\n";

}  // namespace

std::string pageNote(std::string_view reason) { return std::string(kMark).append(reason); }

std::optional<std::string> reasonIn(std::span<const std::uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(kMark)) return std::nullopt;
    return std::string(text.substr(kMark.size()));
}

std::string pageName(std::string_view file, std::uint64_t page) {
    return std::string(file) + '#' + std::to_string(page);
}

bool isPageName(std::string_view name) {
    const std::size_t mark = name.rfind('#');
    return mark != std::string_view::npos && mark + 1 < name.size() &&
           name.find_first_not_of("0123456789", mark + 1) == std::string_view::npos;
}

}  // namespace sheafline::extract
