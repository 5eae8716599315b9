#include "batch/shared_database.h"

#include <algorithm>
#include <string_view>

namespace sheafline {

namespace {

constexpr std::string_view kSqlite = "sqlite:";

std::filesystem::path resolved(const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
}

bool isBelow(const std::filesystem::path& file, const std::filesystem::path& folder) {
    const auto relative = resolved(file).lexically_relative(resolved(folder));
    return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::optional<std::string> databaseOnStore(const ParamValues& values,
                                           std::span<const std::filesystem::path> folders) {
    for (const auto& [name, value] : values) {
        if (!value.text.starts_with(kSqlite)) continue;
        const std::filesystem::path file = value.text.substr(kSqlite.size());
        const bool shared =
            std::ranges::any_of(folders, [&](const auto& folder) { return isBelow(file, folder); });
        if (!shared) continue;
        return "'" + name + "' is the file " + file.filename().string() +
               " in the folders of the batch; several servers share the history, so another one "
               "may continue the batch, and it cannot use this file. Name a database server: "
               "postgresql://USER@HOST/DATABASE";
    }
    return std::nullopt;
}

}  // namespace sheafline
