#include "scores/omrchecker_key.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/shown_text.h>

#include "base/units.h"
#include "scores/csv_key.h"
#include "scores/key_check.h"
#include "templates/label_range.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

namespace {

// Of a section, whose name may begin with BONUS_: then `incorrect`, and `unmarked` if everybody
// gets it, are positive.
struct Points {
    double correct = 1;
    double incorrect = 0;
    double unmarked = 0;
};

// "3", "-1", "3/2"
std::optional<double> fraction(const std::string& text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) return parseNumber(text);
    const auto above = parseNumber(text.substr(0, slash));
    const auto below = parseNumber(text.substr(slash + 1));
    if (!above || !below || *below == 0) return std::nullopt;
    return *above / *below;
}

const YamlNode kNone{};

const YamlNode& childOf(const YamlNode& node, const char* key) {
    const YamlNode* found = node.find(key);
    return found == nullptr ? kNone : *found;
}

// Keys that OMRChecker knows. Those about its own pictures and tables change no score.
constexpr std::array<std::string_view, 5> kEvaluationKeys{
    "source_type", "options", "marking_schemes", "conditional_sets", "outputs_configuration"};
constexpr std::array<std::string_view, 6> kOptionKeys{
    "answer_key_csv_path", "answer_key_image_path",  "questions_in_order",
    "answers_in_order",    "should_explain_scoring", "enable_evaluation_table_to_csv"};
constexpr std::array<std::string_view, 3> kSectionKeys{"questions", "marking", "marking_type"};
constexpr std::array<std::string_view, 3> kMarkingKeys{"correct", "incorrect", "unmarked"};
constexpr std::array<std::string_view, 3> kSetKeys{"name", "matcher", "evaluation"};
constexpr std::array<std::string_view, 2> kMatcherKeys{"formatString", "matchRegex"};

// A key that is not known may be a mistake that changes scores.
void requireKnownKeys(const YamlNode& node, std::span<const std::string_view> known,
                      FindingList& findings) {
    if (node.kind != YamlNode::Kind::map) return;
    for (const YamlNode& key : node.keys) {
        if (std::ranges::find(known, key.text) != known.end() || key.text.starts_with('$'))
            continue;
        std::string names;
        for (const std::string_view name : known)
            names.append(names.empty() ? "" : ", ").append(name);
        findings.add(
            key.line, key.column, key.text,
            "unknown key '" + key.text + "' of an evaluation.json; known here are " + names);
    }
}

// One evaluation: the whole file, or one of its conditional sets.
class EvaluationReader {
 public:
    EvaluationReader(const std::filesystem::path& file, const Template& sheet,
                     FindingList& findings, std::vector<std::filesystem::path>& files)
        : file_(file), sheet_(sheet), findings_(findings), files_(files) {}

    // What a conditional set does not say is that of the whole file.
    std::vector<KeyedAnswer> read(const YamlNode& evaluation, const YamlNode& otherwise) {
        const auto part = [&](const char* key) -> const YamlNode& {
            const YamlNode& own = childOf(evaluation, key);
            return &own == &kNone ? childOf(otherwise, key) : own;
        };
        requireKnownKeys(evaluation, kEvaluationKeys, findings_);
        const YamlNode& options = part("options");
        requireKnownKeys(options, kOptionKeys, findings_);
        const YamlNode& source = part("source_type");
        if (source.text == "csv" || source.text == "image_and_csv")
            readCsv(options);
        else if (&source == &kNone || source.text == "custom" || source.text == "local")
            readAnswers(options);
        else
            report(source, "source_type",
                   "source_type '" + source.text +
                       "' is not supported; write csv, image_and_csv, custom or local");
        readSchemes(part("marking_schemes"));
        for (std::size_t i = 0; i < answers_.size(); ++i)
            if (places_[i].line > 0) checkAnswer(answers_[i], places_[i], sheet_, findings_);
        return std::move(answers_);
    }

 private:
    void readCsv(const YamlNode& options) {
        const YamlNode* path = options.find("answer_key_csv_path");
        const YamlNode* picture = options.find("answer_key_image_path");
        std::error_code ignored;
        const auto file = namedFile(file_.parent_path(), path == nullptr ? "" : path->text);
        if (path != nullptr && std::filesystem::is_regular_file(file, ignored))
            return readCsvFile(file);
        if (picture != nullptr) return readFilledSheet(options, *picture);
        report(options, "answer_key_csv_path",
               "the answer key is missing; give the CSV file, or a filled sheet as "
               "answer_key_image_path");
    }

    void readCsvFile(const std::filesystem::path& file) {
        FindingList findings(file.string());
        CsvKey key = readCsvKey(readTextFile(file, "key"), findings);
        files_.push_back(file);
        answers_ = std::move(key.answers);
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            KeyedAnswer& answer = answers_[i];
            const std::string text = answer.right.front().first;
            if (answer.right.size() == 1 && text.starts_with('[')) {
                // A list as in Python, which YAML reads as well: ['D', 'E'], [['D', 2], ['E', 1]].
                answer.right = rightAnswers(parseYaml(text, findings));
            } else {
                for (auto& [value, points] : answer.right) points = kByScheme;
            }
            checkAnswer(answer, {.line = key.lines[i]}, sheet_, findings);
            places_.push_back({.line = 0});  // checked with the lines of the CSV
        }
        findings.throwIfAny();
    }

    // The marks of a sheet that was filled in with the right answers.
    void readFilledSheet(const YamlNode& options, const YamlNode& picture) {
        const auto file = namedFile(file_.parent_path(), picture.text);
        files_.push_back(file);
        const auto names = namesOf(childOf(options, "questions_in_order"));
        if (names.empty())
            report(options, "questions_in_order",
                   "a key read from a filled sheet requires questions_in_order");
        try {
            const SheetReading reading = readSheet(readImage(readBytes(file)), sheet_);
            for (const std::string& name : names) {
                const auto column = std::ranges::find(sheet_.output, name, &OutputColumn::name);
                KeyedAnswer key{.column = name};
                if (column != sheet_.output.end()) {
                    const auto index = static_cast<std::size_t>(column - sheet_.output.begin());
                    const ColumnReading& read = reading.columns[index];
                    if (read.value == sheet_.empty_value || read.flag == FieldFlag::faint)
                        report(picture, "answer_key_image_path",
                               "the filled sheet '" + picture.text + "' has no clear answer to '" +
                                   name + "'; mark it, or give the answers as CSV");
                    key.right.emplace_back(read.value, kByScheme);
                }
                answers_.push_back(std::move(key));
                places_.push_back(placeOf(picture));
            }
        } catch (const std::exception& error) {
            report(picture, "answer_key_image_path",
                   "the filled sheet '" + picture.text + "' cannot be read: " + error.what());
        }
    }

    void readAnswers(const YamlNode& options) {
        const YamlNode* questions = options.find("questions_in_order");
        const YamlNode* answers = options.find("answers_in_order");
        if (questions == nullptr || answers == nullptr) {
            report(options, "options", "questions_in_order and answers_in_order are required");
            return;
        }
        const auto names = namesOf(*questions);
        if (names.size() != answers->items.size()) {
            report(*answers, "answers_in_order",
                   "the list has " + counted(answers->items.size(), "answer") + " to " +
                       counted(names.size(), "question"));
            return;
        }
        for (std::size_t i = 0; i < names.size(); ++i) {
            answers_.push_back({.column = names[i], .right = rightAnswers(answers->items[i])});
            places_.push_back(placeOf(answers->items[i]));
        }
    }

    // "B", ["B", "BC"] or [["B", 2], ["C", "3/2"]].
    std::vector<std::pair<std::string, double>> rightAnswers(const YamlNode& node) {
        if (node.kind == YamlNode::Kind::scalar) return {{node.text, kByScheme}};
        std::vector<std::pair<std::string, double>> right;
        for (const YamlNode& item : node.items) {
            if (item.kind == YamlNode::Kind::scalar) {
                right.emplace_back(item.text, kByScheme);
                continue;
            }
            const auto points =
                item.items.size() == 2 ? fraction(item.items[1].text) : std::nullopt;
            if (points)
                right.emplace_back(item.items[0].text, *points);
            else
                report(item, "answers_in_order", "write [\"B\", 2]: an answer and its points");
        }
        return right;
    }

    void readSchemes(const YamlNode& schemes) {
        const YamlNode* by_default = schemes.find("DEFAULT");
        const Points fallback = by_default == nullptr ? Points{} : markingOf(*by_default);
        std::vector<Points> of(answers_.size(), fallback);
        for (std::size_t i = 0; i < schemes.items.size(); ++i) {
            if (schemes.keys[i].text == "DEFAULT") continue;
            requireKnownKeys(schemes.items[i], kSectionKeys, findings_);
            const YamlNode* questions = schemes.items[i].find("questions");
            const YamlNode* marking = schemes.items[i].find("marking");
            if (questions == nullptr || marking == nullptr) {
                report(schemes.items[i], schemes.keys[i].text,
                       "questions and marking are required");
                continue;
            }
            const YamlNode& type = childOf(schemes.items[i], "marking_type");
            if (&type != &kNone && type.text != "default")
                report(type, "marking_type",
                       "'" + type.text +
                           "' is not supported, because the points of an answer do not depend on "
                           "other answers; write default");
            const Points own = markingOf(*marking);
            for (const std::string& name : namesOf(*questions)) {
                const auto found = std::ranges::find(answers_, name, &KeyedAnswer::column);
                if (found != answers_.end())
                    of[static_cast<std::size_t>(found - answers_.begin())] = own;
                else
                    report(*questions, schemes.keys[i].text,
                           "there is no answer to '" + name + "'");
            }
        }
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            answers_[i].wrong = of[i].incorrect;
            answers_[i].blank = of[i].unmarked;
            for (auto& [answer, points] : answers_[i].right) {
                if (points == kByScheme) points = of[i].correct;
            }
        }
    }

    Points markingOf(const YamlNode& node) {
        requireKnownKeys(node, kMarkingKeys, findings_);
        const auto points = [&](const char* key, double otherwise) {
            const YamlNode* value = node.find(key);
            if (value == nullptr) return otherwise;
            const auto number = fraction(value->text);
            if (value->kind == YamlNode::Kind::list)
                report(*value, key, "points by streak are not supported; write one number");
            else if (!number)
                report(*value, key, "'" + value->text + "' is not a number of points");
            return number.value_or(otherwise);
        };
        return {.correct = points("correct", 1),
                .incorrect = points("incorrect", 0),
                .unmarked = points("unmarked", 0)};
    }

    std::vector<std::string> namesOf(const YamlNode& list) {
        std::vector<std::string> names;
        const auto add = [&](const YamlNode& item) {
            const auto range = expandRange(item.text);
            if (range.empty())
                report(item, "questions", "'" + item.text + "' is not a range such as q1..5");
            names.insert(names.end(), range.begin(), range.end());
        };
        if (list.kind == YamlNode::Kind::scalar) add(list);
        for (const YamlNode& item : list.items) add(item);
        return names;
    }

    void report(const YamlNode& at, const std::string& key, std::string message) {
        findings_.add(at.line, at.column, key, std::move(message));
    }

    static KeyPlace placeOf(const YamlNode& node) {
        return {.line = node.line, .column = node.column};
    }

    // In the place of points that the marking scheme decides.
    static constexpr double kByScheme = -1e300;

    const std::filesystem::path& file_;
    const Template& sheet_;
    FindingList& findings_;
    std::vector<std::filesystem::path>& files_;
    std::vector<KeyedAnswer> answers_{};
    std::vector<KeyPlace> places_{};  // of each answer; line 0: it is checked already
};

// {"name": …, "matcher": {"formatString": "{set}", "matchRegex": "^A"}, "evaluation": …}
std::optional<KeyVersion> conditionOf(const YamlNode& set, FindingList& findings) {
    const YamlNode& matcher = childOf(set, "matcher");
    requireKnownKeys(set, kSetKeys, findings);
    requireKnownKeys(matcher, kMatcherKeys, findings);
    KeyVersion version{.name = childOf(set, "name").text,
                       .form = childOf(matcher, "formatString").text};
    const std::string& pattern = childOf(matcher, "matchRegex").text;
    if (version.form.empty() || pattern.empty()) {
        findings.add(set.line, set.column, "conditional_sets",
                     "a conditional set requires matcher.formatString and matcher.matchRegex");
        return std::nullopt;
    }
    try {
        version.match = std::make_shared<TextPattern>(pattern);
    } catch (const ConfigError& error) {
        findings.add(matcher.line, matcher.column, "matchRegex",
                     std::string("matchRegex: ") + error.what());
    }
    return version;
}

}  // namespace

ScoringKey readOmrCheckerKey(const YamlNode& root, const std::filesystem::path& file,
                             const Template& sheet, FindingList& findings,
                             std::vector<std::filesystem::path>& files) {
    ScoringKey key;
    for (const YamlNode& set : childOf(root, "conditional_sets").items) {
        auto version = conditionOf(set, findings);
        if (!version) continue;
        version->answers =
            EvaluationReader(file, sheet, findings, files).read(childOf(set, "evaluation"), root);
        key.versions.push_back(std::move(*version));
    }
    key.versions.push_back(
        {.answers = EvaluationReader(file, sheet, findings, files).read(root, kNone)});
    return key;
}

}  // namespace sheafline::sheets
