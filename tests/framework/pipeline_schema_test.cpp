#include "pipeline/pipeline_schema.h"

#include <cstdlib>
#include <string>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "demo_plugins.h"
#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

const std::string kSource = SHEAFLINE_SOURCE_DIR;

// The output of a real validator for files in `folder` and for other files; empty if there is no
// validator.
std::string verdicts(const TemporaryFolder& folder, const std::string& files) {
    folder.write("schema.json", pipelineSchema(demoPlugins()));
    const std::string command = "cd '" + folder.path().string() + "' && python3 '" + kSource +
                                "/tests/framework/validate_schema.py' schema.json " + files +
                                " > out";
    const int status = std::system(command.c_str());  // NOLINT(cert-env33-c) a fixed command
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return "";
    REQUIRE(status == 0);
    return folder.read("out");
}

}  // namespace

TEST_CASE("the schema accepts the shipped pipelines and rejects faulty ones") {
    const TemporaryFolder folder;
    const std::string stage = "name: p\nstages: [{id: a, uses: extract, with: {archive: x, ";
    folder.write("a_unknown_option.yaml", stage + "max_byte: 5}}]");
    folder.write("b_size.yaml", stage + "max_bytes: 20Gb}}]");
    folder.write("c_type.yaml", stage + "max_entries: many}}]");
    folder.write("d_range.yaml", stage + "max_entries: 0}}]");
    folder.write("e_boolean.yaml", stage + "strict: 'true'}}]");
    folder.write("f_expression.yaml", stage + "max_entries: \"${{ params.n }}\"}}]");
    folder.write("g_missing_option.yaml", "name: p\nstages: [{id: a, uses: extract}]");
    folder.write("h_plugin.yaml", "name: p\nstages: [{id: a, uses: extrac}]");
    folder.write("i_key.yaml", "name: p\nstages: [{id: a, uses: collect}]\nstagess: []");
    folder.write("j_processor.yaml",
                 "name: p\nstages: [{id: a, uses: dispatch, with: {processor: omr, template: t, "
                 "treshold: 1}}]");
    folder.write("k_retry.yaml",
                 "name: p\nstages: [{id: a, uses: collect, retry: {max_attempts: 0}}]");
    folder.write("l_list.yaml", stage + "kinds: [jpg, png]}}]");
    const std::string said =
        verdicts(folder, "'" + kSource + "/pipelines/omr-batch.yaml' '" + kSource +
                             "/pipelines/omr-batch.json' [a-l]_*.yaml");
    if (said.empty()) {
        WARN("skipped: python3-jsonschema or python3-yaml is not installed");
        return;
    }
    CHECK(said ==
          "accepts omr-batch.yaml\naccepts omr-batch.json\n"
          "refuses a_unknown_option.yaml\nrefuses b_size.yaml\nrefuses c_type.yaml\n"
          "refuses d_range.yaml\nrefuses e_boolean.yaml\naccepts f_expression.yaml\n"
          "refuses g_missing_option.yaml\nrefuses h_plugin.yaml\nrefuses i_key.yaml\n"
          "refuses j_processor.yaml\nrefuses k_retry.yaml\naccepts l_list.yaml\n");
}

TEST_CASE("params are shown one per line, in columns") {
    const PluginCatalog plugins = demoPlugins();
    const auto entry = std::ranges::find_if(plugins.plugins(), [](const PluginEntry& plugin) {
        return plugin.descriptor->name == "db_load";
    });
    REQUIRE(entry != plugins.plugins().end());
    CHECK(paramsText(*entry) ==
          "url    string     required                            where to\n"
          "table  string     default results, matches ^[a-z_]+$\n");
}
