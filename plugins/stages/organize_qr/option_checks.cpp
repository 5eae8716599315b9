#include "option_checks.h"

#include <algorithm>
#include <stdexcept>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>

namespace sheafline::organize_qr {

namespace {

std::string stopping(const std::string& key, const std::string& what) {
    return "organize_qr: " + key + ": " + what;
}

}  // namespace

sheets::CodePattern patternOf(const Options& options) {
    try {
        return sheets::CodePattern(options.pattern);
    } catch (const std::invalid_argument& error) {
        throw ConfigError(stopping("pattern", error.what()));
    }
}

void requireGroupBy(const Options& options, const sheets::CodePattern& pattern) {
    std::vector<std::string> names;
    try {
        names = sheets::namesIn(options.group_by);
    } catch (const std::invalid_argument& error) {
        throw ConfigError(stopping("group_by", error.what()));
    }
    for (const auto& name : names) {
        if (name == "student") {
            throw ConfigError(stopping("group_by", "a group must not contain the student"));
        }
        if (std::ranges::find(pattern.names(), name) == pattern.names().end()) {
            std::string what = "the pattern has no group '";
            what.append(name).append("'; add (?<").append(name).append(">…) to it");
            throw ConfigError(stopping("group_by", what));
        }
    }
}

std::optional<sheets::CodeRegion> givenRegion(const Options& options) {
    if (options.region.empty()) {
        if (options.template_file.empty()) return std::nullopt;
        return sheets::regionOf(sheets::loadTemplate(options.template_file));
    }
    try {
        return sheets::parseRegion(options.region);
    } catch (const std::invalid_argument& error) {
        throw ConfigError(stopping("region", error.what()));
    }
}

std::vector<std::string> codeNames(const Options& options) {
    if (!options.codes.empty() || options.template_file.empty()) return options.codes;
    std::vector<std::string> names;
    for (const sheets::CodeFormat format : sheets::loadTemplate(options.template_file).codes)
        names.emplace_back(toString(format));
    return names;
}

}  // namespace sheafline::organize_qr
