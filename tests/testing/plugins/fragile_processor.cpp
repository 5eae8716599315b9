// Does what the first word of its sheet says.
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <sheafline/plugin.h>

namespace {

class FragileProcessor : public sheafline::Processor {
 public:
    explicit FragileProcessor(sheafline::Params& params)
        : suffix_(
              params.string("suffix", {.help = "is added to each value", .default_value = ""})) {}

    std::vector<std::string> columns() const override { return {"word"}; }

    sheafline::Reading process(const sheafline::SheetTask& task) override {
        std::string word;
        std::ifstream(task.path) >> word;
        if (word == "crash") std::abort();
        if (word == "throw") throw std::runtime_error("the sheet says so");
        if (word == "twice") return {.values = {word, word}};
        if (word == "blank") return {.reason = "the sheet is blank"};
        return {.values = {word + suffix_}};
    }

 private:
    const std::string suffix_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::processor,
    .name = "fragile_processor",
    .version = "1.0.0",
    .summary = "gives the first word of a sheet",
    .params = sheafline::paramsOf<FragileProcessor>,
    .make_processor = sheafline::makeProcessor<FragileProcessor>};
