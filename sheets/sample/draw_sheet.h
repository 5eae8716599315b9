// Draws one filled sheet, before the flaws of a scanner.
#pragma once

#include <string>
#include <vector>

#include <sheafline/sheets/grey_image.h>

#include "sample/draw_mark.h"
#include "sample/sample_layout.h"

namespace sheafline::sheets {

// A mark in one bubble.
struct Mark {
    int value = 0;  // index into the field's values
    MarkKind kind = MarkKind::full;
};

// What is on one sheet.
struct FilledSheet {
    std::string code{};                          // the text of the QR code; empty: no code
    std::string title{};                         // printed next to it
    bool spoiled = false;                        // ink over the code
    std::vector<std::vector<Mark>> student{};    // for each digit
    std::vector<std::vector<Mark>> questions{};  // for each question
    Pen pen{};
};

// Everything that all sheets have in common. Draw it once, and hand it to drawSheet().
GreyImage drawBlankSheet(const SampleLayout& layout, int dpi);
GreyImage drawSheet(const SampleLayout& layout, const GreyImage& blank, const FilledSheet& sheet,
                    Dice& dice);

}  // namespace sheafline::sheets
