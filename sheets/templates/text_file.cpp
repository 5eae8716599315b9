#include "templates/text_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <sheafline/error.h>

namespace sheafline::sheets {

std::filesystem::path namedFile(const std::filesystem::path& folder, const std::string& name) {
    std::filesystem::path file = folder / name;
    const std::filesystem::path sent = folder.parent_path();
    std::error_code error;
    if (!std::filesystem::exists(sent / ".sent", error)) return file;
    const auto inside = std::filesystem::weakly_canonical(sent, error);
    const auto real = std::filesystem::weakly_canonical(file, error);
    const auto [end, ignored] = std::ranges::mismatch(inside, real);
    if (error || end != inside.end())
        throw ConfigError(
            "a template that was sent can only name files that were sent with it, such "
            "as ../key/answers.csv for the param key; it names '" +
            name + "'");
    return file;
}

std::string readTextFile(const std::filesystem::path& file, std::string_view what) {
    constexpr std::size_t kMostBytes = 4U << 20U;
    const auto reject = [&](const std::string& why) {
        throw ConfigError(
            {Finding{.file = file.string(),
                     .key = {},
                     .message = why + "; check the path of the " + std::string(what)}});
    };
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) reject("this is a folder, not a file");
    std::ifstream stream(file, std::ios::binary);
    if (!stream) reject(std::string("cannot be read: ") + std::strerror(errno));
    std::string text(kMostBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) reject("cannot be read: the disk reports an error");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMostBytes) reject("is larger than 4 MiB");
    return text;
}

}  // namespace sheafline::sheets
