// Prints templates as a PDF: the marks by which a page is found, the bubbles with their letters,
// the numbers of the questions, a title, instructions and a logo where the template leaves room,
// and a QR code for each student and page. Without a roster the forms are blank. The same options
// give the same bytes. Throws ConfigError if a template cannot be printed, or if the roster or the
// pattern of the codes has an error, and Error if the file cannot be written. One thread.
//
//     printSheets({.pages = {loadTemplate("exam.yaml")}, .roster = readRoster("class.csv")},
//                 "sheets.pdf");
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/roster.h>
#include <sheafline/sheets/template.h>

namespace sheafline::sheets {

enum class Paper { as_template, a4, letter };

struct PrintOptions {
    std::vector<Template> pages{};  // of one student, in their order
    // The columns `id`, `name` and `class` are printed; all can be part of the code. None: blank
    // forms.
    std::optional<Roster> roster{};
    int copies = 1;              // of blank forms
    std::string title{};         // default: the name of the first template
    std::string instructions{};  // default: how to fill a bubble
    std::string exam{};          // {exam} in codes; default: the letters of the template's name
    // The text of the QR codes, with {exam}, {page} and {column} of the roster. Default:
    // {exam}-{class}/{page}/{id}, as far as the roster has these columns.
    std::string code{};
    std::filesystem::path logo{};  // PNG or JPEG
    std::filesystem::path font{};  // TrueType, for letters beyond Latin-1; default: DejaVu Sans
    Paper paper = Paper::as_template;
};

struct PrintedSheets {
    std::size_t students = 0;  // or blank forms
    std::size_t pages = 0;
};

// How many pages these options give.
std::size_t pagesOf(const PrintOptions& options);

PrintedSheets printSheets(const PrintOptions& options, const std::filesystem::path& out);
// The bytes of the file.
std::string printedSheets(const PrintOptions& options);

}  // namespace sheafline::sheets
