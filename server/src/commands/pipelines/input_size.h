// How large the input of a batch is, before and after its extraction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sheafline {

struct InputSize {
    std::uint64_t packed_bytes = 0;
    std::uint64_t extracted_bytes = 0;
    std::optional<std::uint64_t> files{};  // not known for a PDF
};

// Reads the directory of a ZIP and nothing else. Throws Error for a file that cannot be read, or a
// damaged ZIP.
InputSize inputSize(const std::filesystem::path& input);

}  // namespace sheafline
