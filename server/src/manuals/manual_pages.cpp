#include "manuals/manual_pages.h"

#include <algorithm>
#include <cctype>

namespace sheafline {

namespace {

// "." and "'" at the start of a line are requests of roff, and a plain "-" is a hyphen.
std::string escaped(const std::string& text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        line_start = c == '\n';
    }
    return out;
}

std::string pageName(std::string words) {
    std::ranges::replace(words, ' ', '-');
    return words;
}

std::string shown(const OptionEntry& option) {
    std::string text = "\\fB" + escaped(option.name) + "\\fR";
    if (!option.argument && !option.value.empty()) text += " \\fI" + escaped(option.value) + "\\fR";
    return text;
}

std::string synopsis(const CommandEntry& command) {
    std::string text = "\\fB" + escaped(command.words) + "\\fR";
    for (const OptionEntry& option : command.options) {
        if (!option.required && !option.argument) continue;
        text += option.required ? " " + shown(option) : " [" + shown(option) + "]";
    }
    text += " [\\fIOPTION\\fR ...]";
    if (!command.commands.empty()) text += " [\\fICOMMAND\\fR ...]";
    return text + "\n";
}

void addOptions(std::string& page, const CommandEntry& command) {
    for (const OptionEntry& option : command.options) {
        page += ".TP\n" + shown(option) + "\n" + escaped(option.help);
        if (!option.choices.empty()) {
            page += "\n.br\nOne of:";
            for (const std::string& choice : option.choices)
                page += " \\fB" + escaped(choice) + "\\fR";
        }
        page += "\n";
    }
}

// A command below another has its section on the page of that one.
void addBelow(std::string& page, const CommandEntry& command) {
    for (const CommandEntry& below : command.commands) {
        page += ".SH \"" + escaped(below.words) + "\"\n" + escaped(below.help) + ".\n.PP\n" +
                synopsis(below);
        addOptions(page, below);
        addBelow(page, below);
    }
}

std::string head(const CommandEntry& command, const std::string& version) {
    std::string title = pageName(command.words);
    std::ranges::transform(title, title.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return ".TH \"" + escaped(title) + R"(" 1 "" ")" + escaped(version) + "\" \"Sheafline\"\n" +
           ".SH NAME\n" + escaped(pageName(command.words)) + " \\- " + escaped(command.help) +
           "\n.SH SYNOPSIS\n" + synopsis(command);
}

}  // namespace

std::vector<ManualPage> manualPages(const CommandEntry& program, const std::string& version,
                                    const std::string& footer) {
    std::string main = head(program, version) + ".SH COMMANDS\n";
    std::vector<ManualPage> pages;
    for (const CommandEntry& command : program.commands) {
        const std::string name = pageName(command.words);
        main += ".TP\n\\fB" + escaped(name) + "\\fR(1)\n" + escaped(command.help) + "\n";
        std::string page = head(command, version);
        if (!command.options.empty()) page += ".SH OPTIONS\n";
        addOptions(page, command);
        addBelow(page, command);
        page += ".SH SEE ALSO\n\\fBsheafline\\fR(1), which lists the options of all commands\n";
        pages.push_back({name + ".1", std::move(page)});
    }
    main += ".SH OPTIONS\nAll commands accept these options.\n";
    addOptions(main, program);
    main += ".SH NOTES\n" + escaped(footer) + "\n";
    pages.insert(pages.begin(), {pageName(program.words) + ".1", std::move(main)});
    return pages;
}

}  // namespace sheafline
