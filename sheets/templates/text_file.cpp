#include "templates/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <sheafline/error.h>

namespace sheafline::sheets {

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
