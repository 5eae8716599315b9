// Checks an option that is a program with its arguments (ParamScope::operator_only): what users set
// over HTTP may be data for the program, but never the program, a script or an option. One thread.
#pragma once

#include <string>

#include "language/expression.h"
#include "language/finding_list.h"
#include "language/yaml_document.h"

namespace sheafline {

void checkProgram(const YamlNode& command, const std::string& path, const ExpressionNames& names,
                  FindingList& findings);

}  // namespace sheafline
