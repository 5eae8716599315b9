#include "decisions/decision_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <Poco/String.h>

#include "base/did_you_mean.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostTextBytes = 1000;
constexpr std::array<std::string_view, 11> kKeys{"sheet",    "field",   "value",  "confirm",
                                                 "qr",       "discard", "undo",   "read_again",
                                                 "continue", "reason",  "replace"};
constexpr std::string_view kForce = "force";

// A reason is shown on terminals and in spreadsheets. It may have several lines.
bool hasControls(std::string_view text) {
    return std::ranges::any_of(text, [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && letter != '\n' && letter != '\r' && letter != '\t') || byte == 0x7f;
    });
}

// A key with its value; a text, a number or true.
struct Given {
    enum class Type { text, number, yes, other } type = Type::other;
    std::string text{};
    int number = 0;
};
using Keys = std::map<std::string, Given, std::less<>>;

// Builds one decision from its keys. The first thing that is wrong is kept.
class Builder {
 public:
    explicit Builder(const Keys& keys) : keys_(keys) {}

    NewDecision decision{};
    std::optional<DecisionProblem> problem{};

    void build() {
        for (const auto& [key, given] : keys_) {
            if (std::ranges::find(kKeys, key) != kKeys.end() || key == kForce) continue;
            return wrong(key, "unknown key '" + key + "'; " + didYouMean(key, decisionKeys()));
        }
        if (!chooseKind()) return;
        const bool about_field =
            decision.kind == DecisionKind::value || decision.kind == DecisionKind::confirm;
        const bool about_sheet =
            decision.kind != DecisionKind::undo && decision.kind != DecisionKind::proceed;
        require("sheet", about_sheet, [&](const Given& given) { decision.sheet = given.number; });
        require("field", about_field, [&](const Given& given) { decision.field = given.text; });
        take("reason", [&](const Given& given) { decision.reason = given.text; });
        take("replace", [&](const Given& given) { decision.replaces = given.number; });
        take("force", [&](const Given&) { decision.force = true; });
    }

 private:
    static Given::Type typeOf(std::string_view key) {
        if (key == "sheet" || key == "undo" || key == "replace") return Given::Type::number;
        if (key == "field" || key == "value" || key == "qr" || key == "reason")
            return Given::Type::text;
        return Given::Type::yes;
    }

    void wrong(std::string_view key, std::string detail) {
        if (!problem)
            problem = DecisionProblem{.key = std::string(key), .detail = std::move(detail)};
    }

    template <typename Use>
    bool take(std::string_view key, Use use) {
        const auto found = keys_.find(key);
        if (found == keys_.end()) return false;
        const Given& given = found->second;
        const Given::Type type = typeOf(key);
        if (given.type != type) {
            wrong(key, type == Given::Type::number ? "must be a whole number of 1 or more"
                       : type == Given::Type::text ? "must be a text"
                                                   : "must be true");
        } else if (given.text.size() > kMostTextBytes) {
            wrong(key, "has more than " + std::to_string(kMostTextBytes) + " bytes");
        } else if (hasControls(given.text)) {
            wrong(key, "has a control character; remove it");
        } else {
            use(given);
        }
        return true;
    }

    template <typename Use>
    void require(std::string_view key, bool wanted, Use use) {
        if (!wanted && keys_.contains(key))
            return wrong(key, "does not belong to '" + kind_key_ + "'");
        if (wanted && !take(key, use)) wrong(key, "is missing");
    }

    bool chooseKind() {
        using Kind = DecisionKind;
        const std::array<std::pair<const char*, Kind>, 7> kinds{{{"value", Kind::value},
                                                                 {"confirm", Kind::confirm},
                                                                 {"qr", Kind::qr},
                                                                 {"discard", Kind::discard},
                                                                 {"read_again", Kind::read_again},
                                                                 {"continue", Kind::proceed},
                                                                 {"undo", Kind::undo}}};
        for (const auto& [key, kind] : kinds) {
            const bool is_there = take(key, [&, kind = kind](const Given& given) {
                decision.kind = kind;
                if (kind == Kind::undo) decision.undoes = given.number;
                if (kind == Kind::value || kind == Kind::qr) decision.value = given.text;
            });
            if (!is_there) continue;
            if (!kind_key_.empty())
                wrong(key, "a decision has either '" + kind_key_ + "' or '" + key + "'");
            kind_key_ = key;
        }
        if (kind_key_.empty())
            wrong("",
                  "says nothing; give value, confirm, qr, discard, read_again, continue or "
                  "undo");
        return !problem;
    }

    const Keys& keys_;
    std::string kind_key_{};
};

Given givenOf(const Poco::Dynamic::Var& value) {
    if (value.isString()) return {.type = Given::Type::text, .text = value.extract<std::string>()};
    if (value.isBoolean())
        return {.type = value.extract<bool>() ? Given::Type::yes : Given::Type::other};
    if (!value.isInteger()) return {};
    try {
        const int number = value.convert<int>();
        return {.type = number >= 1 ? Given::Type::number : Given::Type::other, .number = number};
    } catch (const Poco::Exception&) {
        return {};  // too large
    }
}

bool isTrue(const std::string& cell) { return Poco::icompare(cell, "true") == 0; }  // as in Excel

void put(GivenDecisions& given, const Keys& keys) {
    Builder builder(keys);
    builder.build();
    if (builder.problem) {
        builder.problem->index = given.list.size();
        given.problems.push_back(std::move(*builder.problem));
    }
    given.list.push_back(std::move(builder.decision));
}

}  // namespace

std::vector<std::string> decisionKeys() {
    std::vector<std::string> keys(kKeys.begin(), kKeys.end());
    keys.emplace_back(kForce);
    return keys;
}

GivenDecisions decisionsOf(std::string_view json) {
    Poco::JSON::Parser parser;
    constexpr int kDepth = 4;
    parser.setDepth(kDepth);
    const auto array = parser.parse(std::string(json)).extract<Poco::JSON::Array::Ptr>();
    GivenDecisions given;
    for (const Poco::Dynamic::Var& item : *array) {
        if (item.type() != typeid(Poco::JSON::Object::Ptr)) {
            given.problems.push_back(
                {.index = given.list.size(), .detail = "a decision is a JSON object"});
            given.list.emplace_back();
            continue;
        }
        Keys keys;
        for (const auto& [key, value] : *item.extract<Poco::JSON::Object::Ptr>())
            keys.emplace(key, givenOf(value));
        put(given, keys);
    }
    return given;
}

GivenDecisions decisionOfCells(const std::vector<std::string>& keys,
                               const std::vector<std::string>& cells) {
    Keys given;
    for (std::size_t i = 0; i < std::min(keys.size(), cells.size()); ++i) {
        const std::string& key = keys[i];
        const std::string& cell = cells[i];
        if (cell.empty()) continue;
        Given& value = given[key];
        int number = 0;
        const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), number);
        const bool is_number =
            read.ec == std::errc() && read.ptr == cell.data() + cell.size() && number >= 1;
        const bool of_text = key == "field" || key == "value" || key == "qr" || key == "reason";
        value.text = cell;
        value.number = number;
        value.type = of_text        ? Given::Type::text
                     : is_number    ? Given::Type::number
                     : isTrue(cell) ? Given::Type::yes
                                    : Given::Type::other;
    }
    // A field without anything else has no answer.
    const bool empty_answer =
        given.contains("field") && std::ranges::none_of(given, [](const auto& key) {
            return key.first == "value" || key.first == "confirm" || key.first == "qr" ||
                   key.first == "discard" || key.first == "read_again" || key.first == "undo";
        });
    if (empty_answer && std::ranges::find(keys, "value") != keys.end())
        given["value"] = {.type = Given::Type::text};
    GivenDecisions decisions;
    put(decisions, given);
    return decisions;
}

Poco::JSON::Object decisionJson(const Decision& decision) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", decision.id);
    object.set("sheet", decision.sheet);
    object.set("field", decision.field);
    object.set("kind", std::string(toString(decision.kind)));
    object.set("value", decision.value);
    object.set("undoes", decision.undoes);
    object.set("before", decision.before);
    object.set("before_flag", decision.before_flag);
    object.set("user", decision.user);
    object.set("at", decision.at);
    object.set("reason", decision.reason);
    object.set("state", std::string(toString(decision.state)));
    object.set("execution", decision.execution);
    object.set("undone_by", decision.undone_by);
    return object;
}

}  // namespace sheafline
