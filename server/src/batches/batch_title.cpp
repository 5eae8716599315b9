#include "batches/batch_title.h"

#include <algorithm>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>
#include <sheafline/shown_text.h>
#include <sheafline/utf8.h>

namespace sheafline {

namespace {

constexpr std::size_t kLongestText = 200;  // bytes
constexpr std::size_t kLongestKey = 63;
constexpr std::size_t kLongestFileName = 255;
constexpr std::size_t kMostLabels = 32;

bool isKeyLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

// Control characters could change a terminal or a log.
std::optional<std::string> problemOfText(std::string_view text) {
    if (text.size() > kLongestText)
        return "at most " + std::to_string(kLongestText) + " bytes are allowed";
    if (shownText(text) != text) return "control characters and invalid UTF-8 are not allowed";
    return std::nullopt;
}

}  // namespace

std::string nameOf(const BatchTitle& title) {
    return title.name.empty() ? title.file_name : title.name;
}

std::optional<std::string> problemOfName(std::string_view name) {
    if (name.find_first_not_of(' ') == std::string_view::npos)
        return "a name with at least one letter is required";
    return problemOfText(name);
}

std::optional<std::string> problemOfLabel(std::string_view key, std::string_view value) {
    if (key.empty() || key.size() > kLongestKey || !std::ranges::all_of(key, isKeyLetter))
        return "the key of a label has 1 to 63 letters, digits, '.', '_' and '-'";
    return problemOfText(value);
}

std::optional<std::string> problemOfLabels(const Labels& labels) {
    if (labels.size() <= kMostLabels) return std::nullopt;
    return "a batch has at most " + std::to_string(kMostLabels) + " labels";
}

std::string fileNameOf(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
    return shownText(path.substr(0, kLongestFileName));
}

Labels labelsOf(const std::vector<std::string>& given) {
    Labels labels;
    for (const std::string& text : given) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos)
            throw ConfigError("--label '" + text + "' has no value; write --label KEY=VALUE");
        const std::string key = text.substr(0, equals);
        const std::string value = text.substr(equals + 1);
        if (const auto problem = problemOfLabel(key, value))
            throw ConfigError("--label '" + shownText(text) + "': " + *problem);
        if (!labels.emplace(key, value).second)
            throw ConfigError("--label " + key + " is given twice; give it once");
    }
    if (const auto problem = problemOfLabels(labels)) throw ConfigError("--label: " + *problem);
    return labels;
}

std::string labelsJson(const Labels& labels) {
    JsonWriter json;
    json.beginObject();
    for (const auto& [key, value] : labels) json.text(key, value);
    return json.endObject().take();
}

Labels labelsIn(const std::string& json) {
    const auto object = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
    Labels labels;
    for (const auto& [key, value] : *object) labels.emplace(key, value.convert<std::string>());
    return labels;
}

}  // namespace sheafline
