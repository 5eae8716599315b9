// The secrets of `${{ secrets.NAME }}`. Each has one value, found in this order:
//
//     SHEAFLINE_SECRET_NAME          a variable of the environment
//     SHEAFLINE_SECRETS_DIR/NAME     a file in the folder of the setting secrets-dir
//     CREDENTIALS_DIRECTORY/NAME     a credential of systemd (LoadCredential=NAME:...)
//
// A file holds the value, with or without one line feed at its end. Any thread, as long as none
// changes the environment.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sheafline {

// Empty if it is not set. Throws ConfigError for a file that exists and cannot be used.
std::optional<std::string> secretNamed(std::string_view name);
// What to do about a secret that is not set.
std::string secretRemedy(std::string_view name);

}  // namespace sheafline
