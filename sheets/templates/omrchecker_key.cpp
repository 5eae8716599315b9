#include "templates/omrchecker_key.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/units.h"
#include "language/finding_list.h"
#include "language/yaml_document.h"
#include "templates/answer_key.h"
#include "templates/label_range.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

namespace {

struct Marking {
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

class KeyReader {
 public:
    KeyReader(const std::filesystem::path& file, std::vector<std::filesystem::path>& files)
        : file_(file), files_(files), findings_(file.string()) {}

    std::vector<KeyedAnswer> read() {
        const std::string text = readTextFile(file_, "evaluation");
        const YamlNode root = parseYaml(text, findings_);
        findings_.throwIfAny();
        static const YamlNode kNone{};
        const YamlNode* given = root.find("options");
        const YamlNode& options = given == nullptr ? kNone : *given;
        const YamlNode* source = root.find("source_type");
        if (source != nullptr && source->text != "csv" && source->text != "custom")
            report(*source, "source_type",
                   "source_type '" + source->text + "' is not supported; write csv or custom");
        else if (source != nullptr && source->text == "csv")
            readCsv(options);
        else
            readAnswers(options);
        const YamlNode* schemes = root.find("marking_schemes");
        readSchemes(schemes == nullptr ? kNone : *schemes);
        findings_.throwIfAny();
        return std::move(answers_);
    }

 private:
    void readCsv(const YamlNode& options) {
        const YamlNode* path = options.find("answer_key_csv_path");
        std::error_code ignored;
        const auto file = file_.parent_path() / (path == nullptr ? "" : path->text);
        if (path == nullptr || !std::filesystem::exists(file, ignored)) {
            report(options, "answer_key_csv_path",
                   "the answer key is missing; a key read from a filled sheet "
                   "(answer_key_image_path) is not supported");
            return;
        }
        answers_ = readAnswerKey(file);
        files_.push_back(file);
        for (KeyedAnswer& answer : answers_) {
            const std::string& text = answer.right.front().first;
            if (answer.right.size() == 1 && text.starts_with('[')) {
                // A list as in Python, which YAML reads as well: ['D', 'E'], [['D', 2], ['E', 1]].
                const YamlNode list = parseYaml(text, findings_);
                answer.right = rightAnswers(list);
                continue;
            }
            for (auto& [value, points] : answer.right) points = kByScheme;
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
                   "there are " + std::to_string(answers->items.size()) + " answers to " +
                       std::to_string(names.size()) + " questions");
            return;
        }
        for (std::size_t i = 0; i < names.size(); ++i)
            answers_.push_back({.column = names[i], .right = rightAnswers(answers->items[i])});
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
        const Marking fallback = by_default == nullptr ? Marking{} : markingOf(*by_default);
        std::vector<Marking> of(answers_.size(), fallback);
        for (std::size_t i = 0; i < schemes.items.size(); ++i) {
            if (schemes.keys[i].text == "DEFAULT") continue;
            const YamlNode* questions = schemes.items[i].find("questions");
            const YamlNode* marking = schemes.items[i].find("marking");
            if (questions == nullptr || marking == nullptr) {
                report(schemes.items[i], schemes.keys[i].text,
                       "questions and marking are required");
                continue;
            }
            const Marking own = markingOf(*marking);
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

    Marking markingOf(const YamlNode& node) {
        const auto points = [&](const char* key, double otherwise) {
            const YamlNode* value = node.find(key);
            if (value == nullptr) return otherwise;
            const auto number = fraction(value->text);
            if (!number) report(*value, key, "'" + value->text + "' is not a number of points");
            return number.value_or(otherwise);
        };
        return {.correct = points("correct", 1),
                .incorrect = points("incorrect", 0),
                .unmarked = points("unmarked", 0)};
    }

    std::vector<std::string> namesOf(const YamlNode& list) {
        std::vector<std::string> names;
        for (const YamlNode& item : list.items) {
            const auto range = expandRange(item.text);
            names.insert(names.end(), range.begin(), range.end());
        }
        return names;
    }

    void report(const YamlNode& at, const std::string& key, std::string message) {
        findings_.add(at.line, at.column, key, std::move(message));
    }

    // In the place of points that the marking scheme decides.
    static constexpr double kByScheme = -1e300;

    const std::filesystem::path file_;
    std::vector<std::filesystem::path>& files_;
    FindingList findings_;
    std::vector<KeyedAnswer> answers_{};
};

}  // namespace

std::vector<KeyedAnswer> readOmrCheckerKey(const std::filesystem::path& file,
                                           std::vector<std::filesystem::path>& files) {
    return KeyReader(file, files).read();
}

}  // namespace sheafline::sheets
