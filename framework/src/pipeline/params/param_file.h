// A file that a param of type `file` gives, and the text that stands for it among a batch's params:
//
//     stored = "sha256:" hexadecimal{64} " " name       ; "sha256:9f86… students.csv"
//
// Any other text of such a param is the path of a file that belongs to the pipeline. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sheafline {

inline constexpr std::uint64_t kMaxParamFileBytes = 8ULL << 20U;

struct ParamFile {
    std::string name{};  // without folders; empty: that of the param
    std::string bytes{};
};

using ParamFiles = std::map<std::string, ParamFile>;  // by param

struct StoredFile {
    std::string sha256{};
    std::string name{};
};

std::string storedText(const StoredFile& file);
std::optional<StoredFile> storedFile(std::string_view text);

// A name that is safe below any folder: the last part of `name`, or else of `param`.
std::string safeFileName(std::string_view name, std::string_view param);

}  // namespace sheafline
