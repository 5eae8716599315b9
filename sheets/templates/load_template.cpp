#include <sheafline/sheets/load_template.h>

#include "language/yaml_document.h"
#include "templates/omrchecker_reader.h"
#include "templates/template_reader.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

Template loadTemplate(const std::filesystem::path& file, const std::filesystem::path& key) {
    Template sheet = parseTemplate(readTextFile(file, "template"), file);
    if (!key.empty()) replaceKey(sheet, key);
    return sheet;
}

Template parseTemplate(std::string_view text, const std::filesystem::path& file) {
    FindingList findings(file.string());
    const YamlNode root = parseYaml(text, findings);
    if (root.kind == YamlNode::Kind::null) findings.throwIfAny();
    const bool foreign =
        root.find("fieldBlocks") != nullptr || root.find("pageDimensions") != nullptr;
    Template read = foreign ? OmrCheckerReader(root, file.parent_path(), findings).read()
                            : TemplateReader(root, file.parent_path(), findings).read();
    findings.throwIfAny();
    read.files.insert(read.files.begin(), file);
    return read;
}

}  // namespace sheafline::sheets
