// The remedy for an unknown name: the nearest known name, or all of them. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sheafline {

// "did you mean 'max_bytes'?", or "known are 'a', 'b'", or "there are none".
std::string didYouMean(std::string_view word, const std::vector<std::string>& known);
// Optimal string alignment: insertions, deletions, changes and swaps of neighbours cost one each.
std::size_t editDistance(std::string_view a, std::string_view b);
// 'a', 'b', 'c'
std::string quotedList(const std::vector<std::string>& words);

}  // namespace sheafline
