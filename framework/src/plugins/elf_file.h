// Looks at a shared library without running any of it. dlopen() maps what the program headers say
// and dies of SIGBUS where the file is shorter, so every table and segment is held against the size
// of the file first. Thread-safe: no state.
//
//     ELF header -> program headers (segments that are mapped)
//                -> section headers (names in the section e_shstrndx)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sheafline {

struct ElfFile {
    std::vector<std::string> sections{};  // names; empty if there is a finding
    std::string finding{};                // "it is not an ELF file; …", or empty
};

ElfFile readElfFile(const std::filesystem::path& file);

}  // namespace sheafline
