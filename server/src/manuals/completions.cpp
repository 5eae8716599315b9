#include "manuals/completions.h"

#include <functional>
#include <utility>

namespace sheafline {

namespace {

using Line = std::function<std::string(const CommandEntry&)>;

// One text for each command, in the order of the table.
std::string eachCommand(const CommandEntry& command, const Line& line) {
    std::string text = line(command);
    for (const CommandEntry& below : command.commands) text += eachCommand(below, line);
    return text;
}

std::string quoted(const std::string& text) {  // for a shell
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

std::string fishQuoted(const std::string& text) {  // fish knows \' and \\ inside single quotes
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string lastWord(const std::string& words) { return words.substr(words.rfind(' ') + 1); }

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// A case of `"$at $word"` that follows the words of the command line to the innermost command.
std::string walkCases(const CommandEntry& program, const char* open) {
    return eachCommand(program, [&](const CommandEntry& command) {
        if (&command == &program) return std::string();
        return "            " + (open + quoted(command.words)) + ") at=\"$at $word\" ;;\n";
    });
}

// A case of `"$at $previous"` for each option with a value: `values` for known ones, `any` else.
std::string valueCases(const CommandEntry& program, const char* open,
                       const std::function<std::string(const std::string&)>& values,
                       const char* any) {
    const auto line = [&](const std::string& words, const OptionEntry& option) {
        if (option.argument || option.value.empty()) return std::string();
        return "        " + (open + quoted(words + " " + option.name)) + ") " +
               (option.choices.empty() ? any : values(joined(option.choices))) + " ;;\n";
    };
    return eachCommand(program, [&](const CommandEntry& command) {
        std::string text;
        for (const OptionEntry& option : command.options) text += line(command.words, option);
        if (&command == &program) return text;
        for (const OptionEntry& option : program.options) text += line(command.words, option);
        return text;
    });
}

// The words that may follow a command, each with its help: commands below it, choices of its
// arguments, its options, and those that all commands accept.
std::vector<std::pair<std::string, std::string>> nextWords(const CommandEntry& program,
                                                           const CommandEntry& command) {
    std::vector<std::pair<std::string, std::string>> words;
    for (const CommandEntry& below : command.commands)
        words.emplace_back(lastWord(below.words), below.help);
    const auto add = [&](const CommandEntry& owner) {
        for (const OptionEntry& option : owner.options) {
            if (!option.argument) words.emplace_back(option.name, option.help);
            if (!option.argument) continue;
            for (const std::string& choice : option.choices)
                words.emplace_back(choice, option.help);
        }
    };
    add(command);
    if (&command != &program) add(program);
    return words;
}

constexpr const char* kMade = "# Made by `sheafline completion`; do not edit.\n";

}  // namespace

std::string bashCompletion(const CommandEntry& program) {
    std::string text = kMade;
    text +=
        "_sheafline() {\n"
        "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local at=sheafline word words=\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case \"$at $word\" in\n";
    text += walkCases(program, "");
    text += "        esac\n    done\n    case \"$at $previous\" in\n";
    text += valueCases(
        program, "",
        [](const std::string& values) {
            return "COMPREPLY=($(compgen -W " + quoted(values) + " -- \"$current\")); return";
        },
        "compopt -o default 2> /dev/null; return");
    text += "    esac\n    case \"$at\" in\n";
    text += eachCommand(program, [&](const CommandEntry& command) {
        std::vector<std::string> words;
        for (const auto& [word, help] : nextWords(program, command)) words.push_back(word);
        return "        " + quoted(command.words) + ") words=" + quoted(joined(words)) + " ;;\n";
    });
    return text +
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "    [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default 2> /dev/null\n"
           "}\n"
           "complete -F _sheafline sheafline\n";
}

std::string zshCompletion(const CommandEntry& program) {
    std::string text = "#compdef sheafline\n";
    text += kMade;
    text +=
        "_sheafline() {\n"
        "    local at=sheafline word\n"
        "    local -a found\n"
        "    for word in ${words[2,CURRENT-1]}; do\n"
        "        case \"$at $word\" in\n";
    text += walkCases(program, "(");
    text += "        esac\n    done\n    case \"$at ${words[CURRENT-1]}\" in\n";
    text += valueCases(
        program, "(", [](const std::string& values) { return "compadd -- " + values + "; return"; },
        "_files; return");
    text += "    esac\n    case \"$at\" in\n";
    text += eachCommand(program, [&](const CommandEntry& command) {
        std::string line = "        (" + quoted(command.words) + ") found=(\n";
        for (const auto& [word, help] : nextWords(program, command)) {
            const std::string described = std::string(word).append(":").append(help);
            line.append("            ").append(quoted(described)).append("\n");
        }
        return line + "        ) ;;\n";
    });
    return text +
           "    esac\n"
           "    _describe -o sheafline found\n"
           "    [[ ${words[CURRENT]} == -* ]] || _files\n"
           "}\n"
           "if [[ ${funcstack[1]} == _sheafline ]]; then _sheafline \"$@\"; else compdef "
           "_sheafline "
           "sheafline; fi\n";
}

std::string fishCompletion(const CommandEntry& program) {
    std::string text = kMade;
    text += "set -g __sheafline_commands";
    text += eachCommand(program,
                        [](const CommandEntry& command) { return " " + quoted(command.words); });
    text +=
        "\nfunction __sheafline_at\n"
        "    set -l at sheafline\n"
        "    for word in (commandline -opc)[2..-1]\n"
        "        contains -- \"$at $word\" $__sheafline_commands; and set at \"$at $word\"\n"
        "    end\n"
        "    test \"$at\" = \"$argv[1]\"\n"
        "end\n";
    const auto option_line = [](const std::string& when, const OptionEntry& option) {
        std::string line = "complete -c sheafline" + when;
        if (option.argument) {
            if (option.choices.empty()) return std::string();
            return line + " -f -a " + fishQuoted(joined(option.choices)) + "\n";
        }
        line += " -l " + option.name.substr(2);
        if (!option.value.empty()) line += " -r";
        if (!option.choices.empty()) line += " -f -a " + fishQuoted(joined(option.choices));
        return line + " -d " + fishQuoted(option.help) + "\n";
    };
    for (const OptionEntry& option : program.options) text += option_line("", option);
    return text + eachCommand(program, [&](const CommandEntry& command) {
               const std::string when =
                   " -n " + fishQuoted("__sheafline_at \"" + command.words + "\"");
               std::string lines;
               for (const CommandEntry& below : command.commands)
                   lines += "complete -c sheafline" + when + " -f -a " +
                            fishQuoted(lastWord(below.words)) + " -d " + fishQuoted(below.help) +
                            "\n";
               if (&command == &program) return lines;
               for (const OptionEntry& option : command.options) lines += option_line(when, option);
               return lines;
           });
}

}  // namespace sheafline
