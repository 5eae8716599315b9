// A batch with rows for tests of the stages that write files. The answer is one text for each
// sheet.
#pragma once

#include <string>
#include <vector>

#include "stage_outcome.h"
#include "temporary_folder.h"

namespace sheafline::test {

struct ExportedBatch {
    std::string stage;  // its plugin
    std::string name;   // of the file
    TemporaryFolder folder{};
    MemoryStageRun run{folder.path(), "export"};
    ParamValues params{{"file", {.text = name}}};
    std::filesystem::path unfinished = run.folder() / (name + ".tmp");

    ExportedBatch(std::string plugin, std::string file, const std::vector<std::string>& answers,
                  const std::string& score = "1")
        : stage(std::move(plugin)), name(std::move(file)) {
        run.sheets().add(std::vector<Sheet>(answers.size()));
        run.sheets().freeze();
        run.sheets().setColumns({"answer", "score"});
        int n = 0;
        for (const std::string& answer : answers) {
            ++n;
            run.sheets().setRow(
                n, {"b", std::to_string(n), "f", "1", "", "", "read", "", answer, score, "1.000"});
        }
    }

    StageOutcome write() { return runStage(stage, params, run); }
    std::filesystem::path path() const { return folder.path() / "batch/artifacts" / name; }
    std::string file() const { return folder.read("batch/artifacts/" + name); }
};

inline std::vector<std::string> numberedAnswers(int count) {
    std::vector<std::string> answers(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) answers[static_cast<std::size_t>(i)] = std::to_string(i);
    return answers;
}

}  // namespace sheafline::test
