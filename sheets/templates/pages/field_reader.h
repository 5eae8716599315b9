// One entry of a template's `fields`: a run of questions, or the digits of a number.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

#include "templates/node_reader.h"

namespace sheafline::sheets {

// The printed shape around the place for a mark; zero if its size is not given.
struct BubbleForm {
    double half_width = 0;
    double half_height = 0;
    BubbleShape shape = BubbleShape::circle;
};

// `radius`, or `width` and `height`, and `shape`.
BubbleForm readBubbleForm(NodeReader& reader, const BubbleForm& otherwise);

struct FieldGroup {
    std::string name{};
    bool joined = false;  // its fields make one value
    std::vector<Field> fields{};
    std::optional<ImageArea> image{};  // instead of fields
    const YamlNode* node = nullptr;
};

// What the template says for fields that do not say it themselves.
struct FieldDefaults {
    BubbleForm bubble{};
    bool right_to_left = false;
};

// `direction: rtl`, or what `otherwise` says.
bool readDirection(NodeReader& reader, bool otherwise);

FieldGroup readFieldGroup(const YamlNode& node, const std::string& path,
                          const FieldDefaults& defaults, FindingList& findings);

}  // namespace sheafline::sheets
