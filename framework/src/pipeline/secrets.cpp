#include "pipeline/secrets.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr std::size_t kLargest = std::size_t{64} << 10U;
constexpr std::string_view kSettingOfThisName = "KEY";  // SHEAFLINE_SECRET_KEY names a file

bool isName(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
}

std::optional<std::string> fromFile(const char* folder, std::string_view name) {
    if (folder == nullptr || *folder == '\0') return std::nullopt;
    const std::filesystem::path file = std::filesystem::path(folder) / name;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::nullopt;
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file, error))
        throw ConfigError("cannot read the secret in " + file.string() +
                          "; give this user access to the file");
    std::string value;
    for (std::istreambuf_iterator<char> byte(in), end; byte != end; ++byte) {
        value += *byte;
        if (value.size() > kLargest)
            throw ConfigError("the secret in " + file.string() + " is larger than 64 KiB");
    }
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    return value;
}

}  // namespace

std::optional<std::string> secretNamed(std::string_view name) {
    if (!isName(name)) return std::nullopt;
    if (name != kSettingOfThisName) {
        const char* value = std::getenv(("SHEAFLINE_SECRET_" + std::string(name)).c_str());
        if (value != nullptr) return value;
    }
    if (auto value = fromFile(std::getenv("SHEAFLINE_SECRETS_DIR"), name)) return value;
    return fromFile(std::getenv("CREDENTIALS_DIRECTORY"), name);
}

std::string secretRemedy(std::string_view name) {
    const std::string text(name);
    return "set SHEAFLINE_SECRET_" + text + ", or put it into the file '" + text +
           "' in the folder of secrets-dir";
}

}  // namespace sheafline
