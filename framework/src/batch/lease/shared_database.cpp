#include "batch/lease/shared_database.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::string_view kSqlite = "sqlite:";

std::filesystem::path resolved(const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
}

bool isFileIn(const std::filesystem::path& file, const std::filesystem::path& folder) {
    const auto relative = resolved(file).lexically_relative(resolved(folder));
    return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

void requireNoDatabaseIn(std::span<const std::filesystem::path> folders,
                         const ParamValues& values) {
    for (const auto& [name, value] : values) {
        if (!value.text.starts_with(kSqlite)) continue;
        const std::filesystem::path file = value.text.substr(kSqlite.size());
        if (std::ranges::none_of(folders,
                                 [&](const auto& folder) { return isFileIn(file, folder); }))
            continue;
        throw Error(ErrorClass::permanent, "SINK_ON_STORE",
                    "'" + name + "' is the file " + file.filename().string() +
                        " in the folders of the batch; several servers share the history, so "
                        "another one may continue the batch, and it cannot use this file. Name a "
                        "database server: postgresql://USER@HOST/DATABASE");
    }
}

}  // namespace sheafline
