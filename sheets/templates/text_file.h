// The files that a template names, such as its key.
//
// namedFile() is the path of one, which begins at the template's folder. A template that was sent
// over HTTP lies in a folder of the batch's files, which a file `.sent` marks, and may only name
// files that were sent with it: its sender must not read the files of the server. Throws
// ConfigError.
//
// readTextFile() reads a small text file as a whole. Throws ConfigError with its name if it cannot
// be read or is larger than 4 MiB.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sheafline::sheets {

std::filesystem::path namedFile(const std::filesystem::path& folder, const std::string& name);

// `what` it is, for the message: "template".
std::string readTextFile(const std::filesystem::path& file, std::string_view what);

}  // namespace sheafline::sheets
