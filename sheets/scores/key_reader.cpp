#include "scores/key_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/code_pattern.h>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "scores/key_check.h"
#include "scores/marking.h"
#include "templates/label_range.h"
#include "templates/node_reader.h"

namespace sheafline::sheets {

namespace {

constexpr double kByMarking = std::numeric_limits<double>::quiet_NaN();

class KeyReader {
 public:
    KeyReader(const Template& sheet, FindingList& findings) : sheet_(sheet), findings_(findings) {}

    ScoringKey read(const YamlNode& root) {
        NodeReader top(root, "", findings_);
        if (root.kind != YamlNode::Kind::map) return {};
        all_ = readMarking(top, {});
        all_.lowest.reset();  // that of the whole key is about the exam, not about each question
        if (const YamlNode* sections = top.map("sections")) readSections(*sections);
        std::vector<KeyedAnswer> common;
        if (const YamlNode* questions = top.map("questions")) common = readQuestions(*questions);
        key_.lowest = top.number("lowest", kPointLimits);
        key_.out_of = top.number("out_of", {.low = 0.001, .high = 1'000'000});
        key_.step = top.number("step", {.low = 0.000001, .high = 10'000}).value_or(0);
        if (const YamlNode* grades = top.list("grades")) readGrades(*grades);
        if (const YamlNode* versions = top.map("versions"))
            readVersions(*versions, common);
        else
            key_.versions = {{.answers = std::move(common)}};
        top.finish();
        checkSections();
        if (findings_.empty() && key_.versions.front().answers.empty())
            top.report("questions", "the key has no questions; write questions: {q1: B, q2: C}");
        return std::move(key_);
    }

 private:
    struct Section {
        Marking marking{};
        KeyPlace place{};
        std::string name{};
        bool used = false;
    };

    void readSections(const YamlNode& sections) {
        for (std::size_t i = 0; i < sections.items.size(); ++i) {
            const std::string& name = sections.keys[i].text;
            NodeReader reader(sections.items[i], "sections." + name, findings_);
            const Marking marking = readMarking(reader, all_);
            for (const std::string& question : namesOf(reader, "questions")) {
                Section section{.marking = marking, .name = name};
                section.place = placeOf(*reader.child("questions"));
                if (sections_.emplace(question, section).second) continue;
                reader.report("questions", std::string("'")
                                               .append(question)
                                               .append("' is in the sections '")
                                               .append(sections_[question].name)
                                               .append("' and '")
                                               .append(name)
                                               .append("'; leave it in one"));
            }
            reader.require("questions", "questions: [q1..q20]");
            reader.finish();
        }
    }

    std::vector<std::string> namesOf(NodeReader& reader, std::string_view key) {
        std::vector<std::string> names;
        for (const std::string& text : reader.texts(key)) {
            const auto range = expandRange(text);
            if (range.empty())
                reader.report(key, "'" + text + "' is not a range; write one such as q1..q60");
            names.insert(names.end(), range.begin(), range.end());
        }
        return names;
    }

    void checkSections() {
        for (const auto& [question, section] : sections_) {
            if (!section.used)
                findings_.add(section.place.line, section.place.column, "sections." + section.name,
                              "there is no answer to '" + question + "'");
        }
    }

    std::vector<KeyedAnswer> readQuestions(const YamlNode& questions) {
        std::vector<KeyedAnswer> answers;
        for (std::size_t i = 0; i < questions.items.size(); ++i) {
            const YamlNode& name = questions.keys[i];
            const auto range = expandRange(name.text);
            if (range.empty())
                findings_.add(name.line, name.column, name.text,
                              "'" + name.text + "' is not a range; write one such as q1..q60");
            for (const std::string& question : range) {
                const bool twice =
                    std::ranges::find(answers, question, &KeyedAnswer::column) != answers.end();
                if (twice)
                    findings_.add(name.line, name.column, question,
                                  "the key answers '" + question + "' twice; remove one answer");
                else
                    answers.push_back(readQuestion(question, name, questions.items[i]));
            }
        }
        return answers;
    }

    KeyedAnswer readQuestion(const std::string& question, const YamlNode& name,
                             const YamlNode& node) {
        Marking marking = all_;
        if (const auto section = sections_.find(question); section != sections_.end()) {
            marking = section->second.marking;
            section->second.used = true;
        }
        KeyedAnswer key{.column = question};
        if (node.kind == YamlNode::Kind::map) {
            NodeReader reader(node, question, findings_);
            marking = readMarking(reader, marking);
            readAnswers(reader, key);
            reader.finish();
            if (key.right.empty() && key.all.empty() && marking.bonus == Bonus::none &&
                !marking.cancelled)
                reader.report("answer", "'" + question +
                                            "' has no answer; write answer: B, or cancelled: true");
        } else {
            addAnswers(node, key);
        }
        const KeyPlace place{.line = name.line, .column = name.column};
        // A formula counts the marks of a question that has one right choice, too.
        const bool by_formula = !marking.formula.empty() && key.all.empty() &&
                                key.right.size() == 1 && std::isnan(key.right[0].second);
        const OutputColumn* column = checkAnswer(key, place, sheet_, findings_);
        if (column == nullptr) return key;
        const bool single = column->fields.size() == 1;
        if (by_formula && single) key.all = {std::exchange(key.right, {}).front().first};
        key.field = column->fields.front();
        applyMarking(marking, key, single ? &sheet_.fields[key.field] : nullptr, place, findings_);
        return key;
    }

    void readAnswers(NodeReader& reader, KeyedAnswer& key) {
        if (const YamlNode* answer = reader.child("answer")) addAnswers(*answer, key);
        if (const YamlNode* answers = reader.map("answers")) {
            NodeReader each(*answers, reader.pathOf("answers"), findings_);
            for (const YamlNode& value : answers->keys)
                key.right.emplace_back(value.text,
                                       each.number(value.text, kPointLimits).value_or(0));
        }
        if (const YamlNode* all = reader.list("all")) {
            for (const YamlNode& item : all->items) key.all.push_back(item.text);
            if (all->items.empty()) reader.report("all", "all: has no choice; write [A, C]");
            if (!key.right.empty())
                reader.report("all", "a question has either answer: or all:; remove one");
        }
    }

    void addAnswers(const YamlNode& node, KeyedAnswer& key) {
        if (node.kind == YamlNode::Kind::scalar) key.right.emplace_back(node.text, kByMarking);
        for (const YamlNode& item : node.items) {
            if (item.kind == YamlNode::Kind::scalar)
                key.right.emplace_back(item.text, kByMarking);
            else
                findings_.add(item.line, item.column, key.column,
                              "an answer is a text; write B or [B, D]");
        }
        if (node.kind == YamlNode::Kind::null)
            findings_.add(node.line, node.column, key.column,
                          "'" + key.column + "' has no answer; write one, such as B");
    }

    void readGrades(const YamlNode& grades) {
        for (std::size_t i = 0; i < grades.items.size(); ++i) {
            NodeReader reader(grades.items[i], "grades." + std::to_string(i), findings_);
            const auto* const name = reader.child("grade");
            const auto* const from = reader.child("from");
            reader.require("grade", "grade: A");
            reader.require("from", "from: 90%");
            reader.finish();
            if (name == nullptr || from == nullptr) continue;
            const auto percent = parsePercent(from->text);
            const auto points = parseNumber(from->text);
            if (!percent && !points)
                reader.report("from", "'" + from->text +
                                          "' is neither points nor a percentage; write 45 or 90%");
            key_.grades.push_back({.from = percent ? *percent * 100 : points.value_or(0),
                                   .percent = percent.has_value(),
                                   .name = name->text});
            const auto& all = key_.grades;
            if (all.size() > 1 && all.back().percent == all[all.size() - 2].percent &&
                all.back().from >= all[all.size() - 2].from)
                reader.report("from",
                              "a grade begins below the one before it; list the highest "
                              "grade first");
        }
    }

    void readVersions(const YamlNode& versions, const std::vector<KeyedAnswer>& common) {
        NodeReader reader(versions, "versions", findings_);
        const std::string form = formOf(reader);
        const YamlNode* keys = reader.map("keys");
        const auto otherwise = reader.text("otherwise");
        reader.require("by", "by: '{version}', a column, {qr} or {group}");
        reader.require("keys", "keys: {A: {q1: B}, B: {q1: D}}");
        reader.finish();
        for (std::size_t i = 0; keys != nullptr && i < keys->items.size(); ++i)
            addVersion(keys->keys[i].text, form, keys->items[i], common);
        if (key_.versions.empty()) {
            key_.versions.emplace_back();
            reader.report("keys", "versions: has no keys; write keys: {A: {q1: B}}");
        }
        if (!otherwise) return;
        const auto found = std::ranges::find(key_.versions, *otherwise, &KeyVersion::name);
        if (found == key_.versions.end()) {
            std::vector<std::string> names;
            for (const KeyVersion& version : key_.versions) names.push_back(version.name);
            reader.report("otherwise", "there is no version '" + *otherwise + "'; " +
                                           didYouMean(*otherwise, names));
            return;
        }
        KeyVersion rest = *found;
        rest.form.clear();
        key_.versions.push_back(std::move(rest));
    }

    std::string formOf(NodeReader& reader) {
        const auto by = reader.text("by");
        if (!by) return "";
        // A name alone is the column.
        std::string form = by->find('{') == std::string::npos ? "{" + *by + "}" : *by;
        try {
            for (const std::string& name : namesIn(form)) {
                const auto column = std::ranges::find(sheet_.output, name, &OutputColumn::name);
                if (name != "qr" && name != "group" && column == sheet_.output.end())
                    reader.report("by", "there is no column '" + name +
                                            "' in the output; name one, or {qr} or {group}");
            }
        } catch (const std::invalid_argument& error) {
            reader.report("by", std::string("by: ") + error.what());
        }
        return form;
    }

    void addVersion(const std::string& name, const std::string& form, const YamlNode& node,
                    const std::vector<KeyedAnswer>& common) {
        KeyVersion version{.name = name, .form = form, .answers = common};
        const YamlNode* questions = &node;
        if (node.find("match") != nullptr || node.find("questions") != nullptr) {
            NodeReader reader(node, "versions.keys." + name, findings_);
            questions = reader.map("questions");
            if (const auto match = reader.text("match")) {
                try {
                    version.match =
                        std::make_shared<TextPattern>(*match, TextPattern::Scope::whole);
                } catch (const ConfigError& error) {
                    reader.report("match", std::string("match: ") + error.what());
                }
            }
            reader.finish();
        }
        if (questions != nullptr) {
            for (KeyedAnswer& answer : readQuestions(*questions)) {
                const auto found =
                    std::ranges::find(version.answers, answer.column, &KeyedAnswer::column);
                if (found == version.answers.end())
                    version.answers.push_back(std::move(answer));
                else
                    *found = std::move(answer);
            }
        }
        key_.versions.push_back(std::move(version));
    }

    static KeyPlace placeOf(const YamlNode& node) {
        return {.line = node.line, .column = node.column};
    }

    const Template& sheet_;
    FindingList& findings_;
    ScoringKey key_{};
    Marking all_{};
    std::map<std::string, Section> sections_{};  // by question
};

}  // namespace

ScoringKey readScoringKey(const YamlNode& root, const Template& sheet, FindingList& findings) {
    return KeyReader(sheet, findings).read(root);
}

}  // namespace sheafline::sheets
