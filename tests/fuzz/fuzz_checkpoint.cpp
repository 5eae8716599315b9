// Checkpoints that stages read after a restart: that of `csv`, and the region in that of
// `organize_qr`. Whatever the text, the stage ends with the whole file.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sheafline/error.h>
#include <sheafline/plugin.h>
#include <sheafline/sheets/find_code.h>

#include "fuzz_input.h"
#include "memory_stage_run.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

std::uintmax_t csvAfter(test::MemoryStageRun& run) {
    Params params({{"file", {.text = "a.csv"}}});
    sheafline_plugin.make_stage(params)->run(run);
    return std::filesystem::file_size(run.batchFolder() / "artifacts/a.csv");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const TemporaryFolder folder("/dev/shm");
    static test::MemoryStageRun run(folder.path(), "csv");
    static std::uintmax_t whole = 0;
    if (whole == 0) {
        run.sheets().add({{.number = 1, .file = "a.png"}, {.number = 2, .file = "b.png"}});
        run.sheets().freeze();
        run.sheets().setColumns({"q1"});
        for (const char* number : {"1", "2"}) {
            run.sheets().setRow(std::stoi(number),
                                {"b", number, "a.png", "1", "", "", "read", "", "A", "1.000"});
        }
        whole = csvAfter(run);
    }
    const std::string text(fuzz::textOf(data, size));
    run.checkpoint(text);
    fuzz::require(csvAfter(run) == whole);
    try {
        sheets::parseRegion(text);
    } catch (const std::exception&) {  // rejected
    }
    return 0;
}
