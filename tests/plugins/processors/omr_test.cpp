// The processor `omr` through its built .so, on sheets of the sample.
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/plugin.h>

#include "plugins/plugin_catalog.h"
#include "sample_batch.h"
#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

TEST_CASE("omr reads a sample batch with bad sheets as its truth expects") {
    const PluginCatalog plugins{
        std::vector<std::filesystem::path>{SHEAFLINE_BINARY_DIR "/plugins"}};
    const PluginEntry* entry = plugins.find(PluginKind::processor, "omr");
    REQUIRE(entry != nullptr);
    Params params(
        {{"template", {.text = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml"}}});
    const auto omr = entry->descriptor->make_processor(params);
    params.requireAllRead();
    const auto columns = omr->columns();
    REQUIRE(columns.size() == 61);

    const TemporaryFolder folder;
    for (const auto& [name, sample] :
         sheets::makeSampleBatch({.sheets = 6, .seed = 3, .bad_cases = true})) {
        INFO(name << " " << sample.truth.sample_case);
        std::ofstream(folder / "sheet", std::ios::binary)
            .write(reinterpret_cast<const char*>(sample.bytes.data()),
                   static_cast<std::streamsize>(sample.bytes.size()));
        const Reading reading =
            omr->process({.number = 1, .path = folder / "sheet", .qr = sample.truth.qr});
        if (sample.truth.expect == "read") {
            CHECK(reading.reason == std::string());
            REQUIRE(reading.values.size() == columns.size());
            CHECK(reading.values[0] == sample.truth.answers.at("student"));
            CHECK(reading.evidence.starts_with("{\"turns\":"));
        }
        // Sheets in which only the code is damaged can be read.
        const bool code_only =
            sample.truth.sample_case == "no_qr" || sample.truth.sample_case == "damaged_qr";
        if (sample.truth.expect != "read" && !code_only)
            CHECK_THAT(reading.reason, Catch::StartsWith("unreadable: "));
    }
}
