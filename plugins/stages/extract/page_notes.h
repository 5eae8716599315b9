// In place of a page that cannot be read, the batch's archive of pages has an entry with the
// reason.
//   note = "%sheafline-unreadable\n" reason
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sheafline::extract {

std::string pageNote(std::string_view reason);
std::optional<std::string> reasonIn(std::span<const std::uint8_t> bytes);

// The name of a page: "exam.pdf#3".
std::string pageName(std::string_view file, std::uint64_t page);
bool isPageName(std::string_view name);

}  // namespace sheafline::extract
