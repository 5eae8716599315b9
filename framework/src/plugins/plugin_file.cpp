#include "plugins/plugin_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <dlfcn.h>
#include <exception>
#include <memory>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "plugins/elf_file.h"

namespace sheafline {

namespace {

constexpr std::string_view kSectionPrefix = "sheafline_abi_";

using Findings = std::vector<std::string>;

// A user who can write a plugin can run code as us.
Findings trustFindings(const struct stat& status, const std::string& what) {
    Findings findings;
    if ((status.st_mode & S_IWOTH) != 0) {
        findings.push_back(what + " can be written by everybody; run chmod o-w on it");
    }
    struct stat program {};
    const bool known = ::stat("/proc/self/exe", &program) == 0;
    if (status.st_uid != 0 && status.st_uid != ::geteuid() &&
        !(known && status.st_uid == program.st_uid)) {
        findings.push_back(what + " belongs to user " + std::to_string(status.st_uid) +
                           ", who is neither root nor the current user nor the owner of sheafline; "
                           "run chown on it if you trust it");
    }
    return findings;
}

Findings placeFindings(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        return {std::string("it cannot be opened (") + std::strerror(errno) +
                "); check its name and permissions"};
    }
    if (!S_ISREG(status.st_mode)) return {"it is not a regular file; remove it or rename it"};
    Findings findings = trustFindings(status, "it");
    const auto folder = std::filesystem::canonical(std::filesystem::absolute(file).parent_path());
    const auto target = std::filesystem::canonical(file);
    if (target.parent_path() != folder) {
        findings.push_back("it is a link that leads out of its folder, to " + target.string() +
                           "; copy the file itself, or pass its folder with --plugin-path");
    }
    return findings;
}

Findings sectionFindings(const std::vector<std::string>& sections) {
    std::string others;
    for (const std::string& section : sections) {
        if (!section.starts_with(kSectionPrefix)) continue;
        const std::string number = section.substr(kSectionPrefix.size());
        if (number == std::to_string(kAbi)) return {};
        others += (others.empty() ? "" : ", ") + number;
    }
    if (others.empty()) {
        return {"it is not a Sheafline plugin (no section " + std::string(kSectionPrefix) +
                std::to_string(kAbi) + "); define sheafline_plugin in it, or move it away"};
    }
    return {"it was built for plugin ABI " + others + ", this Sheafline has ABI " +
            std::to_string(kAbi) + "; rebuild it against the headers of this version"};
}

std::string demangled(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : symbol;
}

std::string loadFinding(std::string text) {
    constexpr std::string_view kUndefined = "undefined symbol: ";
    const auto at = text.find(kUndefined);
    if (at != std::string::npos) {
        std::string symbol = text.substr(at + kUndefined.size());
        symbol.resize(std::min(symbol.size(), symbol.find_first_of(", \t")));
        return "it uses " + demangled(symbol) +
               ", which nothing defines; link the library that has it, or rebuild it against "
               "this Sheafline";
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return "it cannot be loaded (" + text + "); install the libraries that it needs";
}

// Findings about the descriptor: bugs of the plugin.
Findings descriptorFindings(const PluginDescriptor& plugin) {
    // With another number, the members after it may be at other offsets.
    if (plugin.abi != kAbi) {
        return {"its descriptor says ABI " + std::to_string(plugin.abi) +
                ", this Sheafline has ABI " + std::to_string(kAbi) +
                "; leave .abi to its default and rebuild"};
    }
    Findings findings;
    const auto isNameLetter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (plugin.name.empty() || !std::ranges::all_of(plugin.name, isNameLetter)) {
        findings.push_back("its name is '" + std::string(plugin.name) +
                           "'; use lowercase letters, digits and _ in .name");
    }
    if (plugin.version.empty()) findings.emplace_back("it has no version; fill .version");
    if (plugin.summary.empty()) findings.emplace_back("it has no summary; fill .summary");
    const bool makes = (plugin.kind == PluginKind::stage && plugin.make_stage != nullptr) ||
                       (plugin.kind == PluginKind::sink && plugin.make_sink != nullptr) ||
                       (plugin.kind == PluginKind::processor && plugin.make_processor != nullptr);
    if (!makes) {
        const std::string kind(toString(plugin.kind));
        findings.push_back("it has no maker for its kind; fill .make_" + kind + ", or set .kind");
    }
    if (plugin.kind != PluginKind::stage) return findings;
    constexpr auto kReserved =
        std::to_array<std::string_view>({"", "queued", "completed", "failed", "cancelled"});
    const std::string_view stage = plugin.stage.text();
    if (std::ranges::find(kReserved, stage) != kReserved.end()) {
        findings.push_back("its stage name is '" + std::string(stage) +
                           "', which is reserved; choose another one in .stage");
    }
    if (!std::isfinite(plugin.weight) || plugin.weight < 0) {
        findings.emplace_back("its weight is not a number of at least 0; correct .weight");
    }
    return findings;
}

Findings readParams(PluginEntry& entry) {
    if (entry.descriptor->params == nullptr) return {};
    // A boundary: what the author's code throws must not stop the other plugins.
    try {
        entry.params = entry.descriptor->params();
    } catch (const std::exception& e) {
        return {std::string("its list of params throws (") + e.what() +
                "); read params there without checking their values"};
    } catch (...) {
        return {"its list of params throws; read params there without checking their values"};
    }
    Findings findings;
    std::set<std::string_view> names;
    for (const ParamSpec& spec : entry.params) {
        if (!names.insert(spec.name).second) {
            findings.push_back("it reads the param '" + spec.name + "' twice; rename one");
        }
    }
    return findings;
}

Findings loadPlugin(PluginEntry& entry) {
    void* library = ::dlopen(entry.file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) return {loadFinding(::dlerror())};
    const void* symbol = ::dlsym(library, "sheafline_plugin");
    if (symbol == nullptr) {
        return {
            "it has no symbol sheafline_plugin; define it at global scope, outside of "
            "namespaces"};
    }
    entry.descriptor = static_cast<const PluginDescriptor*>(symbol);
    Findings findings = descriptorFindings(*entry.descriptor);
    if (findings.empty()) findings = readParams(entry);
    return findings;
}

}  // namespace

std::string folderFinding(const std::filesystem::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
        return folder.string() + ": this folder cannot be opened (" + std::strerror(errno) +
               "); check --plugin-path";
    }
    if (!S_ISDIR(status.st_mode)) {
        return folder.string() + ": it is not a folder; name the folder that contains the plugins";
    }
    const Findings findings = trustFindings(status, "this folder");
    return findings.empty() ? "" : folder.string() + ": " + findings.front();
}

PluginCheck openPluginFile(const std::filesystem::path& file) {
    PluginCheck check;
    Findings findings = placeFindings(file);
    PluginEntry entry{.file = file};
    if (findings.empty()) {
        const ElfFile elf = readElfFile(file);
        findings = elf.finding.empty() ? sectionFindings(elf.sections) : Findings{elf.finding};
    }
    if (findings.empty()) {
        entry.file = std::filesystem::canonical(file);
        findings = loadPlugin(entry);
    }
    for (const std::string& finding : findings) {
        check.findings.push_back(file.string() + ": " + finding);
    }
    if (findings.empty()) check.plugin = std::move(entry);
    return check;
}

}  // namespace sheafline
