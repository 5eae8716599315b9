// Each case puts real plugins into a new folder, one of them faulty, and checks what the catalog
// reports. The good plugin must load next to every faulty one.
#include "plugins/plugin_catalog.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "temporary_folder.h"

namespace fs = std::filesystem;
using sheafline::PluginCatalog;
using sheafline::PluginKind;

namespace {

const fs::path kBuilt = fs::path(SHEAFLINE_BINARY_DIR) / "tests/plugins";

class PluginFolder : public sheafline::TemporaryFolder {
 public:
    PluginFolder() { fs::copy_file(kBuilt / "good_stage.so", *this / "a_good.so"); }
    fs::path lay(const std::string& built, const std::string& as = "faulty.so") const {
        fs::copy_file(kBuilt / built, *this / as);
        return *this / as;
    }
};

// The only rejection, without the file name at its start; the good stage must be there.
std::string rejection(const PluginFolder& folder) {
    const PluginCatalog catalog({folder.path()});
    CHECK(catalog.find(PluginKind::stage, "good_stage") != nullptr);
    REQUIRE(catalog.rejected().size() == 1);
    const auto& rejected = catalog.rejected().front();
    const std::string prefix = rejected.file.string() + ": ";
    REQUIRE(rejected.reason.starts_with(prefix));
    CHECK(rejected.reason.find('\n') == std::string::npos);
    return rejected.reason.substr(prefix.size());
}

std::string bytesOf(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a plugin is found by kind and name, with its params") {
    const PluginFolder folder;
    const PluginCatalog catalog({folder.path()});
    const auto* plugin = catalog.find(PluginKind::stage, "good_stage");
    REQUIRE(plugin != nullptr);
    CHECK(plugin->file.filename() == "a_good.so");
    REQUIRE(plugin->params.size() == 1);
    CHECK(plugin->params.front().name == "speed");
    CHECK(catalog.find(PluginKind::sink, "good_stage") == nullptr);
    CHECK(catalog.rejected().empty());
}

TEST_CASE("a stripped plugin loads") {
    const sheafline::TemporaryFolder folder;
    fs::copy_file(kBuilt / "good_stage.so", folder / "stripped.so");
    REQUIRE(std::system(("strip " + (folder / "stripped.so").string()).c_str()) == 0);
    const PluginCatalog catalog({folder.path()});
    CHECK(catalog.find(PluginKind::stage, "good_stage") != nullptr);
    CHECK(catalog.rejected().empty());
}

TEST_CASE("a faulty plugin is rejected with the reason and the remedy", "[F42]") {
    struct Case {
        const char* built;
        const char* reason;
    };
    const auto [built, reason] = GENERATE(values<Case>({
        {"released_abi.so",
         "it was built for plugin ABI 1, this Sheafline has ABI 2; rebuild it against the headers "
         "of this version"},
        {"foreign_abi.so",
         "it was built for plugin ABI 99, this Sheafline has ABI 2; rebuild it against the headers "
         "of this version"},
        {"lying_abi.so",
         "its descriptor says ABI 98, this Sheafline has ABI 2; leave .abi to its default and "
         "rebuild"},
        {"not_a_plugin.so",
         "it is not a Sheafline plugin (no section sheafline_abi_2); define sheafline_plugin in "
         "it, or move it away"},
        {"undefined_symbol.so",
         "it uses marks::readAll(int), which nothing defines; link the library that has it, or "
         "rebuild it against this Sheafline"},
        {"throwing_params.so",
         "its list of params throws (no such table); read params there without checking their "
         "values"},
        {"empty_descriptor.so", "its name is ''; use lowercase letters, digits and _ in .name"},
    }));
    const PluginFolder folder;
    folder.lay(built);
    CHECK(rejection(folder) == reason);
}

TEST_CASE("a truncated plugin is rejected before it is mapped", "[F42]") {
    const std::string good = bytesOf(kBuilt / "good_stage.so");
    const auto length = GENERATE_COPY(std::size_t{16}, std::size_t{63}, std::size_t{100},
                                      std::size_t{4096}, good.size() / 2, good.size() - 1);
    const PluginFolder folder;
    folder.write("faulty.so", good.substr(0, length));
    CHECK(rejection(folder) ==
          "it is cut off at " + std::to_string(length) + " bytes; build or copy it again");
}

TEST_CASE("a file that is not a library is rejected with that reason", "[F42]") {
    const PluginFolder folder;
    SECTION("text") { folder.write("faulty.so", "#!/bin/sh\necho hello\n"); }
    SECTION("empty") { folder.write("faulty.so", ""); }
    CHECK(rejection(folder) ==
          "it is not a shared library (not an ELF file); remove it or build it again");
}

TEST_CASE("an executable and a library for another architecture are rejected", "[F42]") {
    const PluginFolder folder;
    std::string bytes = bytesOf(kBuilt / "good_stage.so");
    SECTION("another processor") {
        bytes[18] = 8;  // e_machine: MIPS
        folder.write("faulty.so", bytes);
        CHECK(rejection(folder).starts_with("it is built for another processor; rebuild it for "));
    }
    SECTION("no library") {
        bytes[16] = 1;  // e_type: an object file
        folder.write("faulty.so", bytes);
        CHECK(rejection(folder) ==
              "it is an ELF file but not a shared library; build it with sheafline_add_plugin");
    }
}

TEST_CASE("damaged ELF tables never crash the program", "[F42]") {
    const std::string good = bytesOf(kBuilt / "good_stage.so");
    // Every byte of the ELF header beyond the magic, set to its extremes.
    for (std::size_t at = 4; at < 64; ++at) {
        for (const char value : {'\0', '\x7f', '\xff'}) {
            std::string bytes = good;
            bytes[at] = value;
            const sheafline::TemporaryFolder folder;
            folder.write("damaged.so", bytes);
            const PluginCatalog catalog({folder.path()});
            CHECK(catalog.plugins().size() + catalog.rejected().size() == 1);
        }
    }
}

TEST_CASE("a folder or FIFO named .so is rejected, and other names are ignored") {
    const PluginFolder folder;
    folder.write("README.md", "not a plugin, and not meant as one");
    SECTION("folder") { fs::create_directory(folder / "faulty.so"); }
    SECTION("fifo") { REQUIRE(::mkfifo((folder / "faulty.so").c_str(), 0600) == 0); }
    CHECK(rejection(folder) == "it is not a regular file; remove it or rename it");
}

TEST_CASE("a plugin that other users can change is rejected", "[F42]") {
    const PluginFolder folder;
    const fs::path file = folder.lay("throwing_params.so");
    SECTION("world-writable") {
        fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
        CHECK(rejection(folder) == "it can be written by everybody; run chmod o-w on it");
    }
    SECTION("of another user") {
        if (::chown(file.c_str(), 65533, 65533) != 0) {
            WARN("skipped: only root can give a file to another user");
            return;
        }
        CHECK(rejection(folder).starts_with("it belongs to user 65533, who is neither root nor"));
    }
}

TEST_CASE("a folder that other users can change is rejected as a whole", "[F42]") {
    const PluginFolder folder;
    fs::permissions(folder.path(), fs::perms::others_write, fs::perm_options::add);
    const PluginCatalog catalog({folder.path()});
    CHECK(catalog.plugins().empty());
    REQUIRE(catalog.rejected().size() == 1);
    CHECK(catalog.rejected().front().reason ==
          folder.path().string() +
              ": this folder can be written by everybody; run chmod o-w on it");
}

TEST_CASE("a link may not lead out of the folder", "[F42]") {
    const PluginFolder folder;
    fs::create_symlink(kBuilt / "throwing_params.so", folder / "faulty.so");
    CHECK(rejection(folder).starts_with("it is a link that leads out of its folder, to "));
}

TEST_CASE("a link that stays inside the folder is a plugin") {
    const sheafline::TemporaryFolder folder;
    fs::copy_file(kBuilt / "good_stage.so", folder / "good.so.1");
    fs::create_symlink("good.so.1", folder / "good.so");
    CHECK(PluginCatalog({folder.path()}).find(PluginKind::stage, "good_stage") != nullptr);
}

TEST_CASE("the first of two plugins with the same name is kept", "[F42]") {
    const PluginFolder first;
    SECTION("in one folder") {
        first.lay("good_stage.so", "b_good.so");
        CHECK(rejection(first) == "the stage 'good_stage' already exists, from " +
                                      (first / "a_good.so").string() +
                                      "; remove or rename one of the two");
    }
    SECTION("in a later folder") {
        const PluginFolder second;
        const PluginCatalog catalog({first.path(), second.path()});
        REQUIRE(catalog.rejected().size() == 1);
        CHECK(catalog.rejected().front().file == second / "a_good.so");
    }
}

TEST_CASE("a missing folder is named") {
    const PluginCatalog catalog({"/nowhere/plugins"});
    REQUIRE(catalog.rejected().size() == 1);
    CHECK(catalog.rejected().front().reason ==
          "/nowhere/plugins: this folder cannot be opened (No such file or directory); check "
          "--plugin-path");
}

TEST_CASE("plugins doctor finds everything that is wrong with a file") {
    const PluginFolder folder;
    const fs::path file = folder.lay("empty_descriptor.so");
    const auto check = sheafline::checkPlugin(file);
    CHECK(!check.plugin);
    std::string all;
    for (const std::string& finding : check.findings) {
        all += finding.substr(file.string().size() + 2) + "\n";
    }
    CHECK(all ==
          "its name is ''; use lowercase letters, digits and _ in .name\n"
          "it has no version; fill .version\n"
          "it has no summary; fill .summary\n"
          "it has no maker for its kind; fill .make_stage, or set .kind\n"
          "its stage name is 'queued', which is reserved; choose another one in .stage\n");
    CHECK(sheafline::checkPlugin(folder / "a_good.so").plugin.has_value());
}
