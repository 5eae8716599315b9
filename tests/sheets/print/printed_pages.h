// A printed PDF as scanned pages: pdftoppm renders it, marks are drawn into its bubbles, and a
// scanner adds its flaws.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/template.h>

#include "sample/dice.h"

namespace sheafline::test {

bool hasPdfTools();  // pdftoppm, pdftotext and pdfinfo

// Page `number` (from 1) as a scanner with this resolution sees it.
sheets::GreyImage renderedPage(const std::filesystem::path& pdf, int number, int dpi);
// The text of the PDF, as a reader can search it.
std::string textOf(const std::filesystem::path& pdf);
int pagesOf(const std::filesystem::path& pdf);

// Marks one bubble in each field, as a person does, and returns the values of the output columns.
std::vector<std::string> fillIn(sheets::GreyImage& page, const sheets::Template& sheet,
                                sheets::Dice& dice);

// Turned, shifted, blurred and noisy.
sheets::GreyImage scanned(const sheets::GreyImage& page, sheets::Dice& dice);

// As a phone takes it on a desk: in perspective, bent, with a shadow and darker corners.
sheets::GreyImage photographed(const sheets::GreyImage& page, sheets::Dice& dice);

// As fax sends it: black and white.
sheets::GreyImage faxed(const sheets::GreyImage& page);

}  // namespace sheafline::test
