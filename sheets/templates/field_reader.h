// One entry of a template's `fields`: a run of questions, or the digits of a number.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

#include "templates/node_reader.h"

namespace sheafline::sheets {

struct FieldGroup {
    std::string name{};
    bool joined = false;  // its fields make one value
    std::vector<Field> fields{};
    const YamlNode* node = nullptr;
};

// `radius` is the template's own, for fields that give none; 0 where there is none either.
FieldGroup readFieldGroup(const YamlNode& node, const std::string& path, double radius,
                          MistakeList& mistakes);

}  // namespace sheafline::sheets
