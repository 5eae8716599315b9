// A batch that `sheafline run` runs in a folder, for tests of the program.
#pragma once

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

namespace sheafline::test {

inline constexpr const char* kSheetsAndProcess = R"(
name: squares
params:
  extra: {type: string, default: ""}
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 40}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, PROCESSOR}}
finally:
  - {id: tidy, uses: probe, with: {note: tidied}}
)";

inline std::string pipelineWith(std::string processor) {
    std::string text = kSheetsAndProcess;
    const auto at = text.find(", PROCESSOR");
    return text.replace(at, 11, processor.empty() ? "" : ", " + processor);
}

// A pipeline of probe stages, with one `finally` stage that leaves a note.
inline std::string probes(const std::string& stages) {
    return "name: probes\nstages:\n" + stages +
           "finally:\n  - {id: tidy, uses: probe, with: {note: tidied}}\n";
}

inline std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

inline std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

inline std::string lastLine(const std::string& text) {
    const auto all = lines(text);
    return all.empty() ? "" : all.back();
}

inline std::string value(const std::string& json, const std::string& key) {
    const auto at = json.find("\"" + key + "\":");
    if (at == std::string::npos) return {};
    const auto begin = at + key.size() + 3;
    if (json[begin] == '"') return json.substr(begin + 1, json.find('"', begin + 1) - begin - 1);
    return json.substr(begin, json.find_first_of(",}", begin) - begin);
}

struct Batch {
    TemporaryFolder folder;

    explicit Batch(const std::string& pipeline) { folder.write("p.yaml", pipeline); }

    std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{"run", "p.yaml", "--batch-id", "b", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ProgramResult run(std::vector<std::string> more = {}) const {
        return runProgram(folder.path(), arguments(std::move(more)));
    }
    ProgramResult command(const std::vector<std::string>& words) const {
        return runProgram(folder.path(), words);
    }
    std::string notes() const { return folder.read("sheafline-data/batches/b/notes"); }
    std::vector<std::string> events() const {
        return lines(command({"batches", "events", "b"}).out);
    }
    std::string lastEvent() const { return lastLine(command({"batches", "events", "b"}).out); }
    std::string state() const {
        return value(command({"batches", "show", "b", "--json"}).out, "state");
    }

    void checkEvents() const {
        const auto all = events();
        REQUIRE_FALSE(all.empty());
        double overall = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            INFO(all[i]);
            CHECK(value(all[i], "seq") == std::to_string(i + 1));
            CHECK(std::stod(value(all[i], "overall_percentage")) >= overall);
            overall = std::stod(value(all[i], "overall_percentage"));
        }
    }
};

}  // namespace sheafline::test
