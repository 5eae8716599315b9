// A Sheafline template, from its document to the resolved Template. Single use, one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

#include "templates/field_reader.h"
#include "templates/node_reader.h"

namespace sheafline::sheets {

class TemplateReader {
 public:
    // `folder` is where the files lie that the template names.
    TemplateReader(const YamlNode& root, std::filesystem::path folder, FindingList& findings)
        : root_(root), folder_(std::move(folder)), findings_(findings) {}

    Template read();

 private:
    void readCodes(NodeReader& top);
    void readPage(const YamlNode* node);
    void readAlignment(const YamlNode& node);
    void addPageCorners();
    void readFiducials(const YamlNode* node);
    void readPicture(const YamlNode* node);
    void setPictureWidth(double width);
    void readOrientation(const YamlNode* node);
    BubbleForm readBubble(const YamlNode* node);
    void readFields(const YamlNode* list, const BubbleForm& form);
    void addGroup(const FieldGroup& group);
    void checkLayout();
    void readOutput(NodeReader& top);
    void readIdentity(NodeReader& top);
    void checkQrPattern(NodeReader& top);
    std::size_t columnNamed(
        std::string_view name) const;  // all_columns_.size() where there is none

    const YamlNode& root_;
    const std::filesystem::path folder_;
    FindingList& findings_;
    Template template_{};
    std::vector<OutputColumn> all_columns_{};  // in the order of the fields
    std::vector<const YamlNode*> places_{};    // for each field, where it stands
};

}  // namespace sheafline::sheets
