#include "pipeline/params/program_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "language/text_template.h"

namespace sheafline {

namespace {

// Each of these takes a script as an argument: sh -c SCRIPT, perl -e SCRIPT.
constexpr std::array<std::string_view, 12> kInterpreters{
    "sh", "bash", "dash", "zsh", "ksh", "busybox", "python", "perl", "ruby", "node", "php", "lua"};

std::vector<TemplatePart> partsOfText(const std::string& text) {
    try {
        return splitTemplate(text);
    } catch (const ExpressionError&) {
        return {};  // reported where expressions are checked
    }
}

// The first param that a user may set among those of an expression.
std::optional<std::string> userParam(const TemplatePart& part, const ExpressionNames& names) {
    if (!part.is_expression) return std::nullopt;
    try {
        for (const std::string& name : Expression(part.text).paramNames())
            if (names.user_params.contains(name)) return name;
    } catch (const ExpressionError&) {
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string> userParam(const YamlNode& item, const ExpressionNames& names) {
    for (const TemplatePart& part : partsOfText(item.text))
        if (auto name = userParam(part, names)) return name;
    return std::nullopt;
}

// python3.11 is python.
bool isInterpreter(std::string_view program) {
    program.remove_prefix(program.rfind('/') + 1);  // npos + 1 is 0
    program = program.substr(0, program.find_first_of("0123456789."));
    return std::ranges::find(kInterpreters, program) != kInterpreters.end();
}

// -c, -ec, -e, -r, --eval
bool announcesScript(const std::string& argument) {
    if (argument.size() < 2 || argument.front() != '-') return false;
    if (argument.starts_with("--")) return argument == "--eval" || argument == "--command";
    return argument.find_first_of("cer", 1) != std::string::npos;
}

// Whether the value of the param may begin with '-'.
bool mayBeOption(const std::string& param, const ExpressionNames& names) {
    const auto type = names.params.find(param);
    return type == names.params.end() || type->second == ParamType::string ||
           type->second == ParamType::choice;
}

}  // namespace

void checkProgram(const YamlNode& command, const std::string& path, const ExpressionNames& names,
                  FindingList& findings) {
    bool interpreter = false;
    bool options_ended = false;
    for (std::size_t i = 0; i < command.items.size(); ++i) {
        const YamlNode& item = command.items[i];
        const auto report = [&](const std::string& message) {
            findings.add(item.line, item.column, path, message);
        };
        // `env`, `nice` and the like start the program that follows.
        interpreter = interpreter || isInterpreter(item.text);
        const auto named = userParam(item, names);
        if (named && i == 0) {
            report("the program comes from the param '" + *named +
                   "', which users can set; write the program out, or give the param scope: "
                   "operator");
        } else if (named && interpreter && announcesScript(command.items[i - 1].text)) {
            report("the script contains the param '" + *named +
                   "', which users can set; pass it as an argument after the script, or give the "
                   "param scope: operator");
        } else if (named && !options_ended) {
            const auto first = userParam(partsOfText(item.text).front(), names);
            if (first && mayBeOption(*first, names))
                report("the argument begins with the param '" + *first +
                       "', which users can set, so the program could take it for an option; write "
                       "--name=${{ params." +
                       *first + " }}, or put the argument -- before it");
        }
        options_ended = options_ended || item.text == "--";
    }
}

}  // namespace sheafline
