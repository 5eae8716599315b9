// Makes the text of a template from a few numbers: a grid for the student's number, and questions
// in columns. The result can be printed, and changed by hand. Pure; throws ConfigError with the
// remedy if the questions do not fit on the page.
//
//     std::ofstream("exam.yaml") << newTemplate({.name = "exam", .questions = 40});
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

struct NewTemplateOptions {
    std::string name = "exam";
    int questions = 40;
    int choices = 5;         // 2 to 10, named A, B, C …
    int columns = 0;         // 0: as few as needed
    int student_digits = 7;  // 0: no grid
    bool letter = false;     // instead of A4
    bool right_to_left = false;
    FiducialShape fiducials = FiducialShape::square;
    BubbleShape bubbles = BubbleShape::circle;
};

inline constexpr int kMostQuestions = 400;
inline constexpr int kMostChoices = 10;
inline constexpr int kMostStudentDigits = 12;

// YAML, as docs/templates.md describes it.
std::string newTemplate(const NewTemplateOptions& options);

// A PNG of the form at 100 dpi.
std::vector<std::uint8_t> templatePreview(const Template& sheet);

}  // namespace sheafline::sheets
