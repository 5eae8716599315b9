// A template.json of OMRChecker as a Template, with the evaluation.json beside it. Its lengths are
// pixels of the page that its pre-processors make, and so are the Template's. What cannot be done
// the same is rejected with its name. Single use, one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

#include "language/finding_list.h"
#include "language/yaml_document.h"

namespace sheafline::sheets {

class OmrCheckerReader {
 public:
    OmrCheckerReader(const YamlNode& root, std::filesystem::path folder, FindingList& findings)
        : root_(root), folder_(std::move(folder)), findings_(findings) {}

    Template read();

 private:
    void readPreProcessors();
    void readMarkers(const YamlNode& options);
    // The values of a question's bubbles, and whether they are below each other.
    struct BubbleRow {
        std::vector<std::string> values{};
        bool vertical = false;
    };
    std::optional<BubbleRow> readBubbleRow(const YamlNode& block, const std::string& key);
    void readFieldBlock(const std::string& name, const YamlNode& block);
    void readColumns();
    std::vector<std::string> labelsOf(const YamlNode* list);
    // Two numbers; nothing after a finding.
    std::vector<double> pair(const YamlNode* node, const YamlNode& parent, const std::string& key);
    double number(const YamlNode* node, double otherwise);
    void report(const YamlNode& at, const std::string& key, std::string message);
    std::size_t fieldNamed(const std::string& label) const;

    const YamlNode& root_;
    const std::filesystem::path folder_;
    FindingList& findings_;
    Template template_{};
    double bubble_width_ = 0;
    double bubble_height_ = 0;
};

}  // namespace sheafline::sheets
