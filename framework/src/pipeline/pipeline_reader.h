// Reads the tree of a pipeline file into a Pipeline, section by section. Part of the loader; one
// thread, one file.
#pragma once

#include <string>
#include <vector>

#include "language/finding_list.h"
#include "language/map_reader.h"
#include "language/yaml_document.h"
#include "pipeline/option_check.h"
#include "pipeline/pipeline.h"
#include "pipeline/stage_order.h"

namespace sheafline {

class PipelineReader {
 public:
    PipelineReader(const YamlNode& root, const OptionCheck& options, FindingList& findings)
        : root_(root), options_(options), findings_(findings) {}

    Pipeline read();

 private:
    struct Defaults {
        Retry retry{};
        std::optional<std::chrono::milliseconds> timeout{};
    };

    void readParams(const YamlNode* params);
    ParamSpec readParam(const std::string& name, const YamlNode& node);
    Defaults readDefaults(const YamlNode* defaults);
    void readReview(const YamlNode* review, const std::vector<ReadStage>& stages);
    Retry readRetry(MapReader& owner, Retry base);
    std::vector<ReadStage> readStages(const YamlNode* list, const std::string& section,
                                      const Defaults& defaults);
    ReadStage readStage(const YamlNode& node, const std::string& section, std::size_t number,
                        const Defaults& defaults);
    void readId(MapReader& reader, const std::string& section, std::size_t number,
                ReadStage& stage);
    void readCondition(MapReader& reader, ReadStage& stage);
    void readSinks(const YamlNode* list);
    void checkStages(const std::vector<ReadStage>& stages, const std::vector<ReadStage>& earlier);
    void checkUniqueIds(const std::vector<ReadStage>& stages,
                        const std::vector<ReadStage>& finally);

    const YamlNode& root_;
    const OptionCheck& options_;
    FindingList& findings_;
    Pipeline pipeline_{};
    ExpressionNames names_{};  // what all stages may name: the params
};

}  // namespace sheafline
