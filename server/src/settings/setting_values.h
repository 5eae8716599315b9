// The texts of all settings, each with the place that it comes from: the command line, else the
// environment, else the configuration file, else the default. Immutable.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/error.h>

namespace sheafline {

struct SettingValue {
    std::string text{};
    std::string place{};  // "--listen", "SHEAFLINE_LISTEN", "/etc/sheafline.conf:3"
};

using SettingTexts = std::map<std::string, SettingValue, std::less<>>;

class SettingValues {
 public:
    // `given` are those of the command line; `config` is empty or a file. Throws ConfigError for a
    // line without "=", a key that is set twice, an unknown key, and an unknown SHEAFLINE_
    // variable.
    SettingValues(const std::map<std::string, std::string>& given, const std::string& config,
                  const char* const* environment);

    // Each throws ConfigError with the place of a text that is wrong.
    std::string text(std::string_view key) const;
    std::vector<std::string> words(std::string_view key) const;  // separated by commas or spaces
    std::int64_t integer(std::string_view key, std::int64_t least) const;
    std::uint64_t size(std::string_view key, std::uint64_t least = 0) const;
    std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds least) const;
    std::string choice(std::string_view key, const std::vector<std::string>& choices) const;

    // `set.KEY` and `set.PIPELINE.KEY` of the file, without the "set.".
    const SettingTexts& params() const { return params_; }

    [[noreturn]] void reject(std::string_view key, const std::string& why) const;
    // The result of `check`; its ConfigError gets the place of the key.
    template <typename Check>
    auto checked(std::string_view key, Check check) const {
        try {
            return check();
        } catch (const ConfigError& error) {
            reject(key, error.what());
        }
    }

 private:
    void readEnvironment(const char* const* environment);
    void readFile(const std::string& file);

    SettingTexts values_;
    SettingTexts params_;
};

}  // namespace sheafline
