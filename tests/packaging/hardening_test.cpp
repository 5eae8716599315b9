// Hardening flags, read from the built program, libraries and plugins.
#include <catch2/catch.hpp>

#include "elf_facts.h"

namespace fs = std::filesystem;
using namespace sheafline::test;

namespace {

const fs::path kBuild = SHEAFLINE_BINARY_DIR;

#ifdef SHEAFLINE_HARDENED
constexpr bool kHardened = true;
#else
constexpr bool kHardened = false;
#endif

std::vector<fs::path> allFiles() {
    std::vector<fs::path> files = builtLibraries(kBuild);
    for (const fs::path& plugin : builtPlugins(kBuild)) files.push_back(plugin);
    files.push_back(kBuild / "bin/sheafline");
    return files;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string lineWith(const std::string& text, const std::string& part) {
    const auto at = text.find(part);
    if (at == std::string::npos) return "";
    return text.substr(at, text.find('\n', at) - at);
}

bool skipUnhardened() {
    if (!kHardened) WARN("skipped: this build has SHEAFLINE_HARDENING=OFF");
    return !kHardened;
}

}  // namespace

TEST_CASE("every binary resolves all symbols at its start and makes their table read-only") {
    if (skipUnhardened()) return;
    for (const fs::path& file : allFiles()) {
        CAPTURE(file);
        CHECK(contains(outputOf("readelf -lW " + file.string()), "GNU_RELRO"));
        CHECK(contains(lineWith(outputOf("readelf -dW " + file.string()), "(FLAGS_1)"), "NOW"));
    }
}

TEST_CASE("no binary has an executable stack, and the program is position-independent") {
    for (const fs::path& file : allFiles()) {
        CAPTURE(file);
        const std::string stack = lineWith(outputOf("readelf -lW " + file.string()), "GNU_STACK");
        CHECK(contains(stack, " RW "));
        CHECK_FALSE(contains(stack, "RWE"));
    }
    CHECK(contains(outputOf("readelf -hW " + (kBuild / "bin/sheafline").string()),
                   "DYN (Position-Independent Executable"));
}

TEST_CASE("every binary checks its stack frames") {
    if (skipUnhardened()) return;
    for (const fs::path& file : allFiles()) {
        CAPTURE(file);
        CHECK(contains(outputOf("nm -D --undefined-only " + file.string()), "__stack_chk_fail"));
    }
}

TEST_CASE("every binary marks the places that indirect calls may reach") {
    if (skipUnhardened()) return;
#if defined(__x86_64__)
    for (const fs::path& file : allFiles()) {
        CAPTURE(file);
        CHECK(contains(
            outputOf("objdump -d --no-show-raw-insn " + file.string() + " | grep -m 1 -o endbr64"),
            "endbr64"));
    }
#else
    WARN("skipped: the architecture has no endbr64");
#endif
}

TEST_CASE("calls of the C library with a known buffer size are checked") {
    if (skipUnhardened()) return;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    WARN("skipped: a sanitizer checks these calls itself");
#else
    const std::string names =
        outputOf("nm -D --undefined-only " + (kBuild / "bin/sheafline").string());
    CHECK((contains(names, "__read_chk") || contains(names, "__memcpy_chk") ||
           contains(names, "__snprintf_chk") || contains(names, "__fdelt_chk") ||
           contains(names, "__recv_chk") || contains(names, "__poll_chk")));
#endif
}
