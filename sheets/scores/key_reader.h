// A key in YAML or JSON, alone in a file or in a template:
//
//     key       := ["points:" points] ["questions:" questions] ["sections:" {name: section}]
//                  ["versions:" versions] ["lowest:" number] ["out_of:" number] ["step:" number]
//                  ["grades:" grade*]
//     questions := {range: question}
//     question  := value | value* | {"answer:" value | value*, "answers:" {value: number},
//                  "all:" value*, marking}
//     marking   := "points:" points, "formula:" text, "lowest:" number, "weight:" number,
//                  "bonus:" ("attempted" | "all"), "cancelled:" boolean
//     points    := number | {"right:" number, "wrong:" number, "blank:" number}
//     section   := {"questions:" range*, marking}
//     versions  := {"by:" text with {column}, "otherwise:" name, "keys:" {name: version}}
//     version   := questions | {"match:" pattern, "questions:" questions}
//     grade     := {"from:" number ["%"], "grade:" text}
//
// docs/scoring.md describes what they mean.
#pragma once

#include <sheafline/sheets/template.h>

#include "language/finding_list.h"
#include "language/yaml_document.h"

namespace sheafline::sheets {

// Adds what is wrong to `findings`. `sheet` has its output already.
ScoringKey readScoringKey(const YamlNode& root, const Template& sheet, FindingList& findings);

}  // namespace sheafline::sheets
