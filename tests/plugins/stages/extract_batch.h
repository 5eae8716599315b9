// A batch whose only stage is `extract`, for tests of archives.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include <sheafline/error.h>

#include "memory_stage_run.h"
#include "plugin_under_test.h"
#include "temporary_folder.h"
#include "zip_bytes.h"

namespace sheafline::test {

inline void writeFile(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string readFile(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// One batch of one archive; it may run several times.
struct ExtractBatch {
    TemporaryFolder folder{};
    std::filesystem::path archive = folder.path() / "scans.zip";
    MemoryStageRun run{folder.path(), "extract"};
    ParamValues params{{"archive", {.text = archive.string()}}};

    explicit ExtractBatch(const std::string& bytes) { writeFile(archive, bytes); }

    // "done", or the code of the error.
    std::string extract() {
        try {
            makeStage("extract", params)->run(run);
            return "done";
        } catch (const Error& error) {
            message = error.what();
            return error.code();
        }
    }

    std::string filesBelow(const std::filesystem::path& root) const {
        std::set<std::string> names;
        for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
            if (!file.is_directory()) names.insert(file.path().filename().string());
        }
        std::string text;
        for (const std::string& name : names) text += name + " ";
        return text;
    }
    std::string extracted() const { return filesBelow(run.folder()); }
    std::string written() const { return extracted() + filesBelow(run.batchFolder()); }

    // "1 a.jpg 1 000001.jpg" a line: number, name, page, file on disk.
    std::string sheets() {
        std::ostringstream text;
        for (int n = 1; n <= static_cast<int>(run.sheets().size()); ++n) {
            const Sheet sheet = run.sheets().at(n);
            text << sheet.number << ' ' << sheet.file << ' ' << sheet.page << ' '
                 << sheet.path.filename().string() << '\n';
        }
        return text.str();
    }

    std::string message{};
};

// The names of the sheets, each followed by '|'.
inline std::string namesOf(ExtractBatch& batch) {
    std::string names;
    for (int n = 1; n <= static_cast<int>(batch.run.sheets().size()); ++n) {
        names += batch.run.sheets().at(n).file + "|";
    }
    return names;
}

// An entry that `extract` takes for a JPEG.
inline ForgedEntry jpeg(std::string name, std::uint8_t host = 0) {
    return {.name = std::move(name), .content = jpegLike("abc"), .host = host};
}

inline std::vector<ForgedEntry> manyJpegs(int count) {
    std::vector<ForgedEntry> entries;
    std::mt19937 random(7);
    for (int i = 0; i < count; ++i) {
        std::string content(3000, '\0');
        for (char& c : content) c = static_cast<char>(random() % 64);
        entries.push_back({.name = "s" + std::to_string(i) + ".jpg",
                           .content = jpegLike(content),
                           .deflated = i % 2 == 0,
                           .descriptor = i % 3 == 0});
    }
    return entries;
}

}  // namespace sheafline::test
