// The key of a template, in the template or in a file beside it.
#include <algorithm>

#include "scores/key_file.h"
#include "scores/key_reader.h"
#include "templates/template_reader.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

// Answers are checked against the output, so that is read before.
void TemplateReader::readKey(NodeReader& top) {
    const YamlNode* key = top.child("key");
    if (key == nullptr || !findings_.empty()) return;
    if (key->kind == YamlNode::Kind::map)
        template_.key = readScoringKey(*key, template_, findings_);
    else if (const auto file = top.text("key"))
        template_.key = readKeyFile(namedFile(folder_, *file), template_, template_.key_files);
    if (root_.find("output") == nullptr) addScoreColumns(template_);
    const bool wants_grade = std::ranges::any_of(template_.output, [](const OutputColumn& column) {
        return column.fields.empty() && column.name == kGrade;
    });
    if (wants_grade && template_.key.grades.empty())
        top.report("output", "a grade needs a key with grades: [{from: 90%, grade: A}, …]");
    const auto field = columnNamed(kGrade);
    if (!template_.key.grades.empty() && field < all_columns_.size())
        top.report("key",
                   "the key has grades, and a field has the name 'grade' of their column; "
                   "rename the field");
}

}  // namespace sheafline::sheets
