#include <sheafline/sheets/load_template.h>

#include "template_reader.h"
#include "text_file.h"
#include "yaml_document.h"

namespace sheafline::sheets {

Template loadTemplate(const std::filesystem::path& file) {
    return parseTemplate(readTextFile(file, "template"), file);
}

Template parseTemplate(std::string_view text, const std::filesystem::path& file) {
    MistakeList mistakes(file.string());
    const YamlNode root = parseYaml(text, mistakes);
    if (root.kind == YamlNode::Kind::null) mistakes.throwIfAny();
    Template read = TemplateReader(root, file.parent_path(), mistakes).read();
    mistakes.throwIfAny();
    return read;
}

}  // namespace sheafline::sheets
