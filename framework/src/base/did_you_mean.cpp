#include "base/did_you_mean.h"

#include <algorithm>

namespace sheafline {

namespace {

constexpr std::size_t kMostListed = 30;
constexpr std::size_t kLongestWord = 64;  // longer ones are no typing mistakes

}  // namespace

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

std::string quotedList(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        if (&word == words.data() + kMostListed)
            return text + " and " + std::to_string(words.size() - kMostListed) + " more";
        text += (text.empty() ? "'" : ", '") + word + "'";
    }
    return text;
}

std::string didYouMean(std::string_view word, const std::vector<std::string>& known) {
    if (known.empty()) return "there are none";
    const std::string* best = nullptr;
    // Never a word that shares no letter with it.
    std::size_t nearest = std::min(std::max<std::size_t>(1, word.size() / 3) + 1, word.size());
    for (const std::string& candidate : known) {
        if (word.size() > kLongestWord || candidate.size() > kLongestWord) continue;
        if (const std::size_t d = editDistance(word, candidate); d < nearest) {
            nearest = d;
            best = &candidate;
        }
    }
    if (best != nullptr) return "did you mean '" + *best + "'?";
    return (known.size() == 1 ? "the only one is " : "known are ") + quotedList(known);
}

}  // namespace sheafline
