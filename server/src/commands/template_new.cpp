// `template new`: asks a few questions, and writes a template and a picture of it.
#include <filesystem>
#include <iostream>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/new_template.h>

#include "base/units.h"
#include "command_parts/exit_status.h"
#include "command_parts/output_folder.h"
#include "commands/commands.h"

namespace sheafline {

namespace {

constexpr int kMostColumns = 10;

// A number from a terminal, with its default; asks again after a wrong answer.
int ask(const std::string& question, int otherwise, int least, int most) {
    for (;;) {
        std::cerr << question << " (" << least << " to " << most << ") [" << otherwise << "]: ";
        std::string answer;
        if (!std::getline(std::cin, answer) || answer.empty()) return otherwise;
        const auto number = parseInteger(answer);
        if (number && *number >= least && *number <= most) return static_cast<int>(*number);
        std::cerr << "'" << answer << "' is not a number from " << least << " to " << most << '\n';
    }
}

bool askLetter() {
    for (;;) {
        std::cerr << "Paper (a4 or letter) [a4]: ";
        std::string answer;
        if (!std::getline(std::cin, answer) || answer.empty() || answer == "a4") return false;
        if (answer == "letter") return true;
        std::cerr << "'" << answer << "' is neither a4 nor letter\n";
    }
}

sheets::BubbleShape bubbleShapeOf(const std::string& name) {
    if (name == "oval") return sheets::BubbleShape::oval;
    if (name == "square") return sheets::BubbleShape::square;
    return name == "bracket" ? sheets::BubbleShape::bracket : sheets::BubbleShape::circle;
}

sheets::FiducialShape fiducialShapeOf(const std::string& name) {
    if (name == "circle") return sheets::FiducialShape::circle;
    return name == "corner" ? sheets::FiducialShape::corner : sheets::FiducialShape::square;
}

sheets::NewTemplateOptions answersOf(const TemplateNewOptions& options) {
    const bool asks = ::isatty(STDIN_FILENO) != 0;
    const auto number = [asks](const std::optional<int>& given, const std::string& question,
                               int otherwise, int least, int most) {
        if (given) return *given;
        return asks ? ask(question, otherwise, least, most) : otherwise;
    };
    sheets::NewTemplateOptions made;
    made.name = std::filesystem::path(options.out).stem().string();
    made.questions =
        number(options.questions, "Number of questions", made.questions, 1, sheets::kMostQuestions);
    made.choices =
        number(options.choices, "Choices of a question", made.choices, 2, sheets::kMostChoices);
    made.columns =
        number(options.columns, "Columns of questions, 0 for as few as needed", 0, 0, kMostColumns);
    made.student_digits = number(options.student_digits, "Digits of the student number, 0 for none",
                                 made.student_digits, 0, sheets::kMostStudentDigits);
    made.letter = options.paper ? *options.paper == "letter" : asks && askLetter();
    made.right_to_left = options.direction == "rtl";
    made.bubbles = bubbleShapeOf(options.bubbles);
    made.fiducials = fiducialShapeOf(options.fiducials);
    return made;
}

void publish(const std::filesystem::path& path, std::string_view bytes) {
    DurableFile file(path);
    file.write(bytes);
    file.publish();
}

}  // namespace

int templateNewCommand(const TemplateNewOptions& options) {
    const std::filesystem::path out = options.out;
    if (out.extension() != ".yaml" && out.extension() != ".yml")
        throw ConfigError(options.out + ": the name of a template must end with .yaml");
    if (std::filesystem::exists(out) && !options.force)
        throw ConfigError(options.out + " exists; choose another name, or replace it with --force");
    requireFolderOf(out);
    const std::string text = sheets::newTemplate(answersOf(options));
    const auto preview = sheets::templatePreview(sheets::parseTemplate(text, out));
    std::filesystem::path picture = options.preview;
    if (picture.empty()) picture = std::filesystem::path(out).replace_extension(".png");
    publish(out, text);
    publish(picture, {reinterpret_cast<const char*>(preview.data()), preview.size()});
    std::cerr << "Wrote " << options.out << " and its preview " << picture.string()
              << "\nPrint it with: sheafline template print " << options.out
              << " --out sheets.pdf\n";
    return kDone;
}

}  // namespace sheafline
