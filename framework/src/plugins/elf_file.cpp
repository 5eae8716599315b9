#define BOOST_DLL_USE_STD_FS

#include "plugins/elf_file.h"

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <exception>
#include <fstream>
#include <optional>
#include <vector>

#include <boost/dll/library_info.hpp>  // requires <vector> to be included before it

namespace sheafline {

namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
constexpr const char* kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
constexpr const char* kMachineName = "AArch64";
#else
#error "name this machine's ELF number here"
#endif

class Bytes {
 public:
    explicit Bytes(const std::filesystem::path& file)
        : stream_(file, std::ios::binary), size_(std::filesystem::file_size(file)) {}

    bool holds(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_ && length <= size_ - offset;
    }
    std::uint64_t size() const { return size_; }

    template <typename T>
    std::optional<T> at(std::uint64_t offset) {
        T value{};
        if (!holds(offset, sizeof value)) return std::nullopt;
        stream_.seekg(static_cast<std::streamoff>(offset));
        stream_.read(reinterpret_cast<char*>(&value), sizeof value);  // NOLINT: raw file format
        if (!stream_) return std::nullopt;
        return value;
    }

 private:
    std::ifstream stream_;
    std::uint64_t size_;
};

std::string truncated(const Bytes& bytes) {
    return "it is cut off at " + std::to_string(bytes.size()) + " bytes; build or copy it again";
}

std::string headerFinding(const Elf64_Ehdr& header) {
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != kMachine) {
        return std::string("it is built for another processor; rebuild it for ") + kMachineName;
    }
    if (header.e_type != ET_DYN) {
        return "it is an ELF file but not a shared library; build it with sheafline_add_plugin";
    }
    if ((header.e_phnum > 0 && header.e_phentsize != sizeof(Elf64_Phdr)) ||
        (header.e_shnum > 0 && header.e_shentsize != sizeof(Elf64_Shdr))) {
        return "its ELF header is damaged; build or copy it again";
    }
    return {};
}

std::string segmentsFinding(Bytes& bytes, const Elf64_Ehdr& header) {
    if (header.e_phnum == 0) return "it has nothing to load; build or copy it again";
    if (!bytes.holds(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr))) return truncated(bytes);
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const auto segment = bytes.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
        if (!segment || !bytes.holds(segment->p_offset, segment->p_filesz)) return truncated(bytes);
    }
    return {};
}

std::string sectionsFinding(Bytes& bytes, const Elf64_Ehdr& header) {
    if (!bytes.holds(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr))) return truncated(bytes);
    for (unsigned i = 0; i < header.e_shnum; ++i) {
        const auto section = bytes.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
        if (!section) return truncated(bytes);
        if (section->sh_type != SHT_NOBITS && !bytes.holds(section->sh_offset, section->sh_size)) {
            return truncated(bytes);
        }
    }
    if (header.e_shnum == 0) return {};
    const std::uint64_t names_at = header.e_shoff + header.e_shstrndx * sizeof(Elf64_Shdr);
    const auto names =
        header.e_shstrndx < header.e_shnum ? bytes.at<Elf64_Shdr>(names_at) : std::nullopt;
    const bool ends = names && names->sh_type == SHT_STRTAB && names->sh_size > 0 &&
                      bytes.at<char>(names->sh_offset + names->sh_size - 1) == '\0';
    return ends ? "" : "its section names are damaged; build or copy it again";
}

std::string findingOf(Bytes& bytes) {
    const auto magic = bytes.at<Elf32_Word>(0);
    if (!magic || std::memcmp(&*magic, ELFMAG, SELFMAG) != 0) {
        return "it is not a shared library (not an ELF file); remove it or build it again";
    }
    const auto header = bytes.at<Elf64_Ehdr>(0);
    if (!header) return truncated(bytes);
    std::string finding = headerFinding(*header);
    if (finding.empty()) finding = segmentsFinding(bytes, *header);
    if (finding.empty()) finding = sectionsFinding(bytes, *header);
    return finding;
}

}  // namespace

ElfFile readElfFile(const std::filesystem::path& file) try {
    Bytes bytes(file);
    ElfFile elf{.finding = findingOf(bytes)};
    if (elf.finding.empty()) elf.sections = boost::dll::library_info(file).sections();
    return elf;
} catch (const std::exception& e) {
    return ElfFile{.finding = std::string("it cannot be read (") + e.what() +
                              "); check its permissions, or copy it again"};
}

}  // namespace sheafline
