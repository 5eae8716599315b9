#include "pipeline/pipeline_loader.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "language/finding_list.h"
#include "language/source_text.h"
#include "language/yaml_document.h"
#include "pipeline/option_check.h"
#include "pipeline/pipeline_reader.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostBytes = (1U << 20U) + 1;  // one more than allowed, to see that it is

std::string pipelineText(const std::filesystem::path& file) {
    const auto reject = [&](const std::string& why) {
        throw ConfigError({Finding{.file = file.string(),
                                   .key = {},
                                   .message = why + "; check the path of the pipeline"}});
    };
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) reject("this is a folder, not a file");
    std::ifstream stream(file, std::ios::binary);
    if (!stream) reject(std::string("cannot be read: ") + std::strerror(errno));
    std::string text(kMostBytes, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) reject("cannot be read: the disk reports an error");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

}  // namespace

Pipeline loadPipeline(const std::filesystem::path& file, const PluginCatalog& plugins) {
    return parsePipeline(pipelineText(file), file, plugins);
}

Pipeline parsePipeline(std::string text, const std::filesystem::path& file,
                       const PluginCatalog& plugins) {
    FindingList findings(file.string());
    const YamlNode root = parseYaml(text, findings);
    // After a syntax error, the partial tree would only cause bogus follow-up errors.
    if (root.kind == YamlNode::Kind::null) findings.throwIfAny();
    const SourceText source(text);
    const OptionCheck options(source, plugins, findings);
    Pipeline pipeline = PipelineReader(root, options, findings).read();
    findings.throwIfAny();
    pipeline.file = std::filesystem::absolute(file).lexically_normal();
    pipeline.text = std::move(text);
    return pipeline;
}

}  // namespace sheafline
