#include "scores/key_file.h"

#include <algorithm>
#include <string>
#include <utility>

#include <sheafline/sheets/load_template.h>

#include "language/finding_list.h"
#include "language/yaml_document.h"
#include "scores/csv_key.h"
#include "scores/key_check.h"
#include "scores/key_reader.h"
#include "scores/omrchecker_key.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

namespace {

bool isDocument(const std::filesystem::path& file, std::string_view text) {
    const std::string kind = file.extension().string();
    if (kind == ".yaml" || kind == ".yml" || kind == ".json") return true;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return kind != ".csv" && first != std::string_view::npos && text[first] == '{';
}

ScoringKey keyOfCsv(std::string_view text, const Template& sheet, FindingList& findings) {
    CsvKey key = readCsvKey(text, findings);
    for (std::size_t i = 0; i < key.answers.size(); ++i)
        checkAnswer(key.answers[i], {.line = key.lines[i]}, sheet, findings);
    if (key.answers.empty() && findings.empty())
        findings.add(1, 1, "key", "the key has no answers; write lines such as q1,B");
    return {.versions = {{.answers = std::move(key.answers)}}};
}

// A key may come from somebody who must not read the files of this machine.
void rejectNamedFiles(const YamlNode& node, FindingList& findings) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (node.kind == YamlNode::Kind::map) {
            const std::string& key = node.keys[i].text;
            if (key == "answer_key_csv_path" || key == "answer_key_image_path")
                findings.add(node.keys[i].line, node.keys[i].column, key,
                             "a key that replaces another one cannot name files; write the "
                             "answers into it");
        }
        rejectNamedFiles(node.items[i], findings);
    }
    if (node.kind != YamlNode::Kind::scalar) findings.throwIfAny();
}

}  // namespace

ScoringKey readKeyFile(const std::filesystem::path& file, const Template& sheet,
                       std::vector<std::filesystem::path>& files, bool may_name_files) {
    const std::string text = readTextFile(file, "key");
    FindingList findings(file.string());
    files.push_back(file);
    ScoringKey key;
    if (!isDocument(file, text)) {
        key = keyOfCsv(text, sheet, findings);
    } else {
        const YamlNode root = parseYaml(text, findings);
        findings.throwIfAny();
        const bool foreign = root.find("source_type") != nullptr ||
                             root.find("marking_schemes") != nullptr ||
                             root.find("conditional_sets") != nullptr;
        if (foreign && !may_name_files) rejectNamedFiles(root, findings);
        key = foreign ? readOmrCheckerKey(root, file, sheet, findings, files)
                      : readScoringKey(root, sheet, findings);
    }
    findings.throwIfAny();
    return key;
}

ScoringKey keyOfPage(const Template& form, const Template& page) {
    ScoringKey key{.versions = form.key.versions};
    for (KeyVersion& version : key.versions) {
        std::erase_if(version.answers, [&](const KeyedAnswer& answer) {
            return std::ranges::find(page.output, answer.column, &OutputColumn::name) ==
                   page.output.end();
        });
        for (KeyedAnswer& answer : version.answers) {
            const auto field =
                std::ranges::find(page.fields, form.fields[answer.field].name, &Field::name);
            answer.field = static_cast<std::size_t>(field - page.fields.begin());
        }
    }
    return key;
}

void addScoreColumns(Template& sheet) {
    const auto add = [&](const char* name) {
        const auto found = std::ranges::find(sheet.output, name, &OutputColumn::name);
        if (found == sheet.output.end()) sheet.output.push_back({.name = name});
    };
    if (!sheet.key.empty()) add(kScore);
    if (!sheet.key.grades.empty()) add(kGrade);
}

void replaceKey(Template& sheet, const std::filesystem::path& file) {
    std::vector<std::filesystem::path> files;
    sheet.key = readKeyFile(file, sheet, files, false);
    sheet.key_files = std::move(files);
    addScoreColumns(sheet);
    for (Template& page : sheet.pages) {
        page.key = keyOfPage(sheet, page);
        page.key_files = sheet.key_files;
        addScoreColumns(page);
    }
}

}  // namespace sheafline::sheets
