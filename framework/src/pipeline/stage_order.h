// The order of the stages: adds the default "after the stage above", and finds unknown names and
// circles. Part of the loader; one thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "language/finding_list.h"
#include "language/yaml_document.h"
#include "pipeline/pipeline.h"

namespace sheafline {

// A stage with the mapping that it was read from.
struct ReadStage {
    PipelineStage use{};
    const YamlNode* node = nullptr;
    std::string path{};  // "stages.extract"
    bool says_needs = false;
};

// Sets use.needs of every stage; adds a finding for each unknown id and for each circle.
void orderStages(std::vector<ReadStage>& stages, FindingList& findings);
// The stages that have ended whenever the stage `id` starts.
std::set<std::string> endedBefore(const std::vector<ReadStage>& stages, const std::string& id);

}  // namespace sheafline
