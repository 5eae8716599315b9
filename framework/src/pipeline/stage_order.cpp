#include "pipeline/stage_order.h"

#include <algorithm>

#include "base/did_you_mean.h"

namespace sheafline {

namespace {

const ReadStage* stageOf(const std::vector<ReadStage>& stages, const std::string& id) {
    const auto found =
        std::ranges::find_if(stages, [&](const ReadStage& stage) { return stage.use.id == id; });
    return found == stages.end() ? nullptr : &*found;
}

void checkNeeds(ReadStage& stage, const std::vector<std::string>& ids, FindingList& findings) {
    const YamlNode* needs = stage.node->find("needs");
    if (needs == nullptr) return;
    std::set<std::string> seen;
    for (const YamlNode& item : needs->items) {
        const auto report = [&](const std::string& message) {
            findings.add(item.line, item.column, stage.path + ".needs", message);
        };
        if (item.kind != YamlNode::Kind::scalar) continue;  // reported when the list was read
        if (item.text == stage.use.id)
            report("stage '" + item.text + "' needs itself; remove it");
        else if (std::ranges::find(ids, item.text) == ids.end())
            report("needs an unknown stage '" + item.text + "'; " + didYouMean(item.text, ids));
        else if (!seen.insert(item.text).second)
            report("stage '" + item.text + "' appears twice in needs; remove one");
    }
    std::erase_if(stage.use.needs, [&](const std::string& id) {
        return id == stage.use.id || std::ranges::find(ids, id) == ids.end();
    });
}

// Depth first, along the needs; a stage met again on its own way closes a circle.
class CircleSearch {
 public:
    CircleSearch(const std::vector<ReadStage>& stages, FindingList& findings)
        : stages_(stages), findings_(findings) {}

    void from(const ReadStage& stage) {
        if (done_.contains(stage.use.id)) return;
        if (const auto start = std::ranges::find(way_, stage.use.id); start != way_.end()) {
            std::string circle;
            for (auto id = start; id != way_.end(); ++id) circle += *id + " → ";
            findings_.add(stage.node->line, stage.node->column, stage.path + ".needs",
                          "stages wait for each other: " + circle + stage.use.id +
                              "; remove one of these needs");
            return;
        }
        way_.push_back(stage.use.id);
        for (const std::string& need : stage.use.needs)
            if (const ReadStage* next = stageOf(stages_, need)) from(*next);
        way_.pop_back();
        done_.insert(stage.use.id);
    }

 private:
    const std::vector<ReadStage>& stages_;
    FindingList& findings_;
    std::vector<std::string> way_{};
    std::set<std::string> done_{};
};

}  // namespace

void orderStages(std::vector<ReadStage>& stages, FindingList& findings) {
    std::vector<std::string> ids;
    ids.reserve(stages.size());
    for (const ReadStage& stage : stages) ids.push_back(stage.use.id);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        if (!stages[i].says_needs && i > 0) stages[i].use.needs = {stages[i - 1].use.id};
        checkNeeds(stages[i], ids, findings);
    }
    CircleSearch search(stages, findings);
    for (const ReadStage& stage : stages) search.from(stage);
}

std::set<std::string> endedBefore(const std::vector<ReadStage>& stages, const std::string& id) {
    std::set<std::string> ended;
    std::vector<std::string> todo{id};
    while (!todo.empty()) {
        const ReadStage* stage = stageOf(stages, todo.back());
        todo.pop_back();
        if (stage == nullptr) continue;
        for (const std::string& need : stage->use.needs)
            if (ended.insert(need).second) todo.push_back(need);
    }
    return ended;
}

}  // namespace sheafline
