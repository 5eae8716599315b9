// A pipeline file: YAML, keys, values, expressions and options, with stages of every param type.
#include <sheafline/plugin.h>

#include "fuzz_input.h"
#include "pipeline/pipeline_loader.h"

using namespace sheafline;

namespace {

class AnyStage : public Stage {
 public:
    explicit AnyStage(Params& params) {
        params.string("text", {.help = "a text", .pattern = "^[a-z]*$"});
        params.path("file", {.help = "a file"});
        params.integer("count", {.help = "a number", .default_value = "3", .min = "1", .max = "9"});
        params.number("share", {.help = "a number", .default_value = "0.5"});
        params.boolean("flag", {.help = "a flag", .default_value = "true"});
        params.size("bytes", {.help = "a size", .default_value = "1GiB"});
        params.duration("pause", {.help = "a time", .default_value = "1s"});
        params.percent("limit", {.help = "a share", .default_value = "2%"});
        params.list("names", {.help = "texts"});
    }
    void run(StageRun& /*run*/) override {}
};

const PluginDescriptor kStage{.kind = PluginKind::stage,
                              .name = "any",
                              .version = "1.0.0",
                              .summary = "has every type of param",
                              .stage = "any",
                              .params = paramsOf<AnyStage>,
                              .make_stage = makeStage<AnyStage>};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const PluginCatalog catalog(
        std::vector<PluginEntry>{{.descriptor = &kStage, .params = kStage.params()}});
    try {
        const Pipeline pipeline =
            parsePipeline(std::string(fuzz::textOf(data, size)), "/fuzz/p.yaml", catalog);
        resolveParams(pipeline, {}, "/fuzz", true);
    } catch (const ConfigError&) {  // rejected
    }
    return 0;
}
