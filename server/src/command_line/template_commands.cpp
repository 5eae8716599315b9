// template: check, new and print.
#include <memory>

#include <CLI/CLI.hpp>

#include "command_line/command_line.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

void addCheck(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<TemplateCheckOptions>();
    CLI::App& check =
        line.add(group, "check", "Draw what a template finds and reads on a scanned sheet",
                 [options](const Settings&) { return templateCheckCommand(*options); });
    check
        .add_option("TEMPLATE", options->template_file,
                    "template file, in Sheafline's or OMRChecker's form")
        ->required();
    check.add_option("SHEET", options->sheet_file, "a scanned sheet: JPEG, PNG, TIFF or WebP")
        ->required();
    check.add_option("--out", options->out, "PNG file to write (default: check.png)");
}

void addPrint(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<TemplatePrintOptions>();
    CLI::App& print =
        line.add(group, "print", "Print templates as a PDF, for each student or as blank forms",
                 [options](const Settings&) { return templatePrintCommand(*options); });
    print
        .add_option("TEMPLATE", options->template_files,
                    "template files; several are the pages of each student")
        ->required();
    print.add_option("--out", options->out, "PDF file to write")->required();
    CLI::Option* roster =
        print.add_option("--roster", options->roster,
                         "class list: a CSV file with the columns id, name, class and others");
    print.add_option("--copies", options->copies, "number of blank forms (default: 1)")
        ->check(CLI::Range(1, 100'000))
        ->excludes(roster);
    print.add_option("--title", options->title, "heading (default: the template's name)");
    print.add_option("--instructions", options->instructions, "text for the students");
    print.add_option("--exam", options->exam, "{exam} in the codes (default: the template's name)");
    print.add_option("--code", options->code,
                     "text of the QR codes, with {exam}, {page} and columns of the roster "
                     "(default: {exam}-{class}/{page}/{id})");
    print.add_option("--logo", options->logo, "PNG or JPEG file");
    print.add_option("--font", options->font,
                     "TrueType font for letters beyond Latin-1 (default: DejaVu Sans)");
    print.add_option("--paper", options->paper, "a4 or letter (default: the template's page)")
        ->check(CLI::IsMember({"a4", "letter"}));
}

void addNew(CommandLine& line, CLI::App& group) {
    const auto options = std::make_shared<TemplateNewOptions>();
    CLI::App& make =
        line.add(group, "new", "Make a template and a preview; asks for what is not given",
                 [options](const Settings&) { return templateNewCommand(*options); });
    make.add_option("TEMPLATE", options->out, "template file to write, such as exam.yaml")
        ->required();
    make.add_option("--questions", options->questions, "number of questions, 1 to 400");
    make.add_option("--choices", options->choices, "choices of a question, 2 to 10");
    make.add_option("--columns", options->columns, "columns of questions (0: as few as needed)");
    make.add_option("--student-digits", options->student_digits,
                    "digits of the student number, 0 to 12 (0: no grid)");
    make.add_option("--paper", options->paper, "a4 or letter")
        ->check(CLI::IsMember({"a4", "letter"}));
    make.add_option("--direction", options->direction,
                    "ltr (default), or rtl: questions and their values from right to left")
        ->check(CLI::IsMember({"ltr", "rtl"}));
    make.add_option("--bubbles", options->bubbles, "circle (default), oval, square or bracket")
        ->check(CLI::IsMember({"circle", "oval", "square", "bracket"}));
    make.add_option("--fiducials", options->fiducials, "square (default), circle or corner")
        ->check(CLI::IsMember({"square", "circle", "corner"}));
    make.add_option("--preview", options->preview,
                    "PNG file of the preview (default: the template's name with .png)");
    make.add_flag("--force", options->force, "replace an existing template");
}

}  // namespace

void addTemplateCommands(CommandLine& line) {
    CLI::App& group = line.addGroup("template", "Make, print and check templates of sheets");
    addNew(line, group);
    addPrint(line, group);
    addCheck(line, group);
}

}  // namespace sheafline
