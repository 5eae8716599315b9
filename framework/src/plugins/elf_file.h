// Reads a shared library without running any of its code. dlopen() maps what the program headers
// describe and crashes with SIGBUS if the file is shorter, so every table and segment is first
// compared with the size of the file. Thread-safe: no state.
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
