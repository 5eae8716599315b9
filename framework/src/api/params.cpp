#include <algorithm>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/params.h>

#include "base/did_you_mean.h"
#include "base/units.h"
#include "language/param_check.h"

namespace sheafline {

namespace {

// The default of a list is one text: its items between commas.
std::vector<std::string> splitAtCommas(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        items.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return items;
}

}  // namespace

std::string_view toString(ParamType type) {
    switch (type) {
        case ParamType::path:
            return "path";
        case ParamType::string:
            return "string";
        case ParamType::integer:
            return "integer";
        case ParamType::number:
            return "number";
        case ParamType::boolean:
            return "boolean";
        case ParamType::size:
            return "size";
        case ParamType::duration:
            return "duration";
        case ParamType::percent:
            return "percent";
        case ParamType::choice:
            return "choice";
        case ParamType::list:
            return "list";
        case ParamType::processor:
            return "processor";
        case ParamType::file:
            return "file";
    }
    return "unknown";
}

Params::Params(ParamValues values, std::filesystem::path base)
    : values_(std::move(values)), base_(std::move(base)) {}

Params Params::describing() { return {}; }

Params::~Params() = default;

// The text that applies: the given one or the default; nothing if there is neither.
std::optional<std::string> Params::read(std::string_view name, ParamType type, ParamSpec&& spec) {
    spec.name = name;
    spec.type = type;
    const ParamSpec& known = specs_.emplace_back(std::move(spec));
    const auto given = values_.find(name);
    if (given == values_.end()) {
        if (known.required && !describing_)
            throw ConfigError(known.name + ": it is missing; " + std::string(remedyFor(type)));
        return known.default_value;
    }
    if (auto finding = findingOf(given->second, known, Repeat::nothing))
        throw ConfigError(std::move(*finding));
    return given->second.text;
}

std::filesystem::path Params::path(std::string_view name, ParamSpec spec) {
    const std::filesystem::path text = read(name, ParamType::path, std::move(spec)).value_or("");
    return text.empty() || text.is_absolute() ? text : (base_ / text).lexically_normal();
}

std::string Params::string(std::string_view name, ParamSpec spec) {
    return read(name, ParamType::string, std::move(spec)).value_or("");
}

std::int64_t Params::integer(std::string_view name, ParamSpec spec) {
    return parseInteger(read(name, ParamType::integer, std::move(spec)).value_or("")).value_or(0);
}

double Params::number(std::string_view name, ParamSpec spec) {
    return parseNumber(read(name, ParamType::number, std::move(spec)).value_or("")).value_or(0);
}

bool Params::boolean(std::string_view name, ParamSpec spec) {
    return parseBoolean(read(name, ParamType::boolean, std::move(spec)).value_or(""))
        .value_or(false);
}

std::uint64_t Params::size(std::string_view name, ParamSpec spec) {
    return parseSize(read(name, ParamType::size, std::move(spec)).value_or("")).value_or(0);
}

std::chrono::milliseconds Params::duration(std::string_view name, ParamSpec spec) {
    return parseDuration(read(name, ParamType::duration, std::move(spec)).value_or(""))
        .value_or(std::chrono::milliseconds(0));
}

double Params::percent(std::string_view name, ParamSpec spec) {
    return parsePercent(read(name, ParamType::percent, std::move(spec)).value_or("")).value_or(0);
}

std::string Params::choice(std::string_view name, ParamSpec spec) {
    return read(name, ParamType::choice, std::move(spec)).value_or("");
}

std::vector<std::string> Params::list(std::string_view name, ParamSpec spec) {
    const auto text = read(name, ParamType::list, std::move(spec));
    const auto given = values_.find(name);
    return given != values_.end() ? given->second.list : splitAtCommas(text.value_or(""));
}

ProcessorUse Params::processor(std::string_view name, ParamSpec spec) {
    ProcessorUse use{.name = read(name, ParamType::processor, std::move(spec)).value_or(""),
                     .params = {}};
    for (auto value = values_.begin(); value != values_.end();) {
        if (std::ranges::find(specs_, value->first, &ParamSpec::name) != specs_.end())
            ++value;
        else
            use.params.insert(values_.extract(value++));
    }
    return use;
}

void Params::requireAllRead() const {
    std::vector<std::string> known;
    for (const ParamSpec& spec : specs_) known.push_back(spec.name);
    std::vector<Finding> findings;
    for (const auto& [name, value] : values_)
        if (std::ranges::find(known, name) == known.end())
            findings.push_back(
                {.file = {},
                 .key = name,
                 .message = "unknown option '" + name + "'; " + didYouMean(name, known)});
    if (!findings.empty()) throw ConfigError(std::move(findings));
}

}  // namespace sheafline
