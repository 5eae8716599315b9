#include "language/param_check.h"

#include <algorithm>

#include <sheafline/error.h>
#include <sheafline/text_pattern.h>

#include "base/did_you_mean.h"
#include "base/units.h"

namespace sheafline {

namespace {

std::string describeMismatch(ParamType type) {
    return type == ParamType::integer   ? "not a whole number"
           : type == ParamType::boolean ? "neither true nor false"
           : type == ParamType::percent ? "not a percentage"
                                        : "not a " + std::string(toString(type));
}

// The limits of a list are those of its length.
std::optional<std::string> limitFinding(const std::string& shown, std::string_view measured,
                                        const ParamSpec& spec) {
    const auto value = magnitude(spec.type, measured);
    if (!value) return std::nullopt;
    const std::string of = spec.type == ParamType::list ? " items" : "";
    if (const auto min = magnitude(spec.type, spec.min); min && *value < *min)
        return spec.name + ": " + shown + " is too " + (of.empty() ? "small" : "short") +
               "; the least is " + spec.min + of;
    if (const auto max = magnitude(spec.type, spec.max); max && *value > *max)
        return spec.name + ": " + shown + " is too " + (of.empty() ? "large" : "long") +
               "; the most is " + spec.max + of;
    return std::nullopt;
}

std::optional<std::string> patternFinding(const std::string& shown, const std::string& text,
                                          const ParamSpec& spec) {
    if (spec.pattern.empty() || TextPattern(spec.pattern).matches(text)) return std::nullopt;
    return spec.name + ": " + shown + " does not match its pattern; write a text that matches " +
           spec.pattern;
}

}  // namespace

std::optional<std::string> findingOf(const ParamValue& value, const ParamSpec& spec,
                                     Repeat repeat) {
    const bool wants_list = spec.type == ParamType::list;
    if (wants_list != value.is_list)
        return spec.name +
               (wants_list ? ": expected a list, not one text; "
                           : ": expected one value, not a list; ") +
               std::string(remedyFor(spec.type));
    if (wants_list) {
        for (const std::string& item : value.list) {
            const std::string shown = repeat == Repeat::value ? "'" + item + "'" : "an item";
            if (auto finding = patternFinding(shown, item, spec)) return finding;
        }
        return limitFinding("a list of " + std::to_string(value.list.size()),
                            std::to_string(value.list.size()), spec);
    }
    const std::string shown = repeat == Repeat::value ? "'" + value.text + "'" : "its value";
    if (spec.required && value.text.empty())
        return spec.name + ": it is empty; " + std::string(remedyFor(spec.type));
    if (spec.type == ParamType::choice) {
        if (std::ranges::find(spec.choices, value.text) != spec.choices.end()) return std::nullopt;
        return spec.name + ": " + shown + " is not one of its choices; " +
               (repeat == Repeat::value ? didYouMean(value.text, spec.choices)
                                        : "write one of " + quotedList(spec.choices));
    }
    if (value.text.find('\0') != std::string::npos)
        return spec.name + ": it contains a zero byte; remove it";
    if (!canonicalText(spec.type, value.text))
        return spec.name + ": " + shown + " is " + describeMismatch(spec.type) + "; " +
               std::string(remedyFor(spec.type));
    if (auto finding = limitFinding(shown, value.text, spec)) return finding;
    return patternFinding(shown, value.text, spec);
}

std::optional<std::string> findingOf(const ParamSpec& spec) {
    const bool ordered = spec.type == ParamType::integer || spec.type == ParamType::number ||
                         spec.type == ParamType::size || spec.type == ParamType::duration ||
                         spec.type == ParamType::percent;
    for (const std::string* limit : {&spec.min, &spec.max}) {
        if (limit->empty()) continue;
        const std::string which = limit == &spec.min ? "min" : "max";
        if (!ordered)
            return which + " does not apply to a " + std::string(toString(spec.type)) +
                   "; remove it";
        if (!magnitude(spec.type, *limit))
            return which + ": '" + *limit + "' is " + describeMismatch(spec.type) + "; " +
                   std::string(remedyFor(spec.type));
    }
    if (!spec.min.empty() && !spec.max.empty() &&
        *magnitude(spec.type, spec.min) > *magnitude(spec.type, spec.max))
        return "min " + spec.min + " is above max " + spec.max + "; swap them";
    if (!spec.pattern.empty() && spec.type != ParamType::string)
        return "pattern applies to a string only; remove it or make this a string";
    if (!spec.pattern.empty()) {
        try {
            TextPattern{spec.pattern};
        } catch (const ConfigError& error) {
            return std::string(error.what()) + "; correct it";
        }
    }
    if (spec.type == ParamType::choice && spec.choices.empty())
        return "a choice has no choices; add choices: [one, two]";
    if (spec.type != ParamType::choice && !spec.choices.empty())
        return "choices apply to type: choice only; remove them or change the type";
    return std::nullopt;
}

}  // namespace sheafline
