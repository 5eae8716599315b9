// One page of a template: its size, the marks by which it is found, and its fields. Single use, one
// thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/template.h>

#include "templates/node_reader.h"
#include "templates/pages/field_reader.h"

namespace sheafline::sheets {

// A column of a page, and where the template names it.
struct PlacedColumn {
    OutputColumn column{};
    const YamlNode* place = nullptr;
};

struct PageLayout {
    Template sheet{};                             // without output, key and everything about them
    std::vector<PlacedColumn> columns{};          // in the order of the fields
    std::vector<const YamlNode*> image_places{};  // one for each of the sheet's images
};

class PageReader {
 public:
    // `shared` is the whole template. `own` is an entry of its `pages`, or null: it has priority,
    // and its fields come after the shared ones. `folder` is where the files are that they name.
    PageReader(NodeReader& shared, NodeReader* own, std::filesystem::path folder,
               FindingList& findings)
        : shared_(shared), own_(own), folder_(std::move(folder)), findings_(findings) {}

    PageLayout read();

 private:
    const YamlNode* map(std::string_view key);
    void readPage(const YamlNode* node);
    void readAlignment(const YamlNode* node);
    void addPageCorners();
    void readFiducials(const YamlNode* node);
    void readPicture(const YamlNode* node);
    void setPictureWidth(double width);
    void readOrientation(const YamlNode* node);
    void readCodeBox(const YamlNode* node);
    BubbleForm readBubble(const YamlNode* node);
    void readFields(const YamlNode* list, const FieldDefaults& defaults);
    void addGroup(const FieldGroup& group);
    bool isTaken(const std::string& name) const;
    void checkLayout();

    NodeReader& shared_;
    NodeReader* own_;
    const std::filesystem::path folder_;
    FindingList& findings_;
    PageLayout layout_{};
    Template& template_ = layout_.sheet;
    std::vector<const YamlNode*> places_{};  // for each field, where the template names it
};

}  // namespace sheafline::sheets
