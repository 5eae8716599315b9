#include "workers/readable_folders.h"

#include <algorithm>
#include <system_error>

namespace sheafline {

namespace {

constexpr std::size_t kMostFolders = 8;

// The sandbox follows no link out of its folders.
std::filesystem::path folderOf(const std::filesystem::path& file) {
    std::error_code error;
    const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(file), error);
    return (error ? file : real).parent_path();
}

bool isBelow(const std::filesystem::path& folder, const std::filesystem::path& root) {
    const auto [end_of_root, rest] =
        std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
    return end_of_root == root.end();
}

std::filesystem::path common(const std::filesystem::path& a, const std::filesystem::path& b) {
    std::filesystem::path all;
    for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end() && *x == *y; ++x, ++y)
        all /= *x;
    return all;
}

}  // namespace

bool ReadableFolders::cover(const std::filesystem::path& file) const {
    const std::filesystem::path folder = folderOf(file);
    return std::ranges::any_of(paths_,
                               [&](const std::string& path) { return isBelow(folder, path); });
}

void ReadableFolders::add(const std::filesystem::path& file) {
    if (cover(file)) return;
    paths_.push_back(folderOf(file).string());
    if (paths_.size() <= kMostFolders) return;
    std::filesystem::path all = paths_.front();
    for (const std::string& path : paths_) all = common(all, path);
    paths_ = {all.string()};
}

}  // namespace sheafline
