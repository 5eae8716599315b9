// The shipped pipelines that have nothing to do with answer sheets, with ImageMagick and Tesseract.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/run_program.h>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

const std::string kPipelines = SHEAFLINE_SOURCE_DIR "/pipelines/";

bool missing(const std::string& program, const std::string& package) {
    if (!findProgram(program).empty()) return false;
    WARN("skipped: the program " << program << " is missing; scripts/install.sh test installs "
                                 << package);
    return true;
}

// Three pictures with a line of text, and one that is damaged after its first bytes.
bool drawPictures(const TemporaryFolder& folder) {
    folder.write("draw.sh",
                 "set -e\nfor i in 1 2 3; do convert -size 700x200 xc:white -font DejaVu-Sans "
                 "-pointsize 40 -fill black -draw \"text 20,100 'Invoice number $i'\" page$i.png; "
                 "done\n{ head -c 8 page1.png; head -c 500 /dev/zero; } > page4.png\n"
                 "zip -q scans.zip page*.png\n");
    return std::system(("cd " + folder.path().string() + " && sh draw.sh").c_str()) == 0;
}

ProgramResult run(const TemporaryFolder& folder, const std::string& pipeline,
                  const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        "run", kPipelines + pipeline + ".yaml", "--input", "scans.zip", "--batch-id", pipeline};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runProgram(folder.path(), arguments);
}

}  // namespace

TEST_CASE("the pipeline for thumbnails makes a thumbnail of each picture and a contact sheet") {
    if (missing("convert", "imagemagick") || missing("montage", "imagemagick")) return;
    const TemporaryFolder folder;
    REQUIRE(drawPictures(folder));
    const ProgramResult result = run(folder, "thumbnails", {"--set", "size=100"});
    INFO(result.out << result.err);
    REQUIRE(result.status == 0);
    const std::string artifacts = folder / "sheafline-data/batches/thumbnails/artifacts/";
    const ProgramEnd names =
        runProgram({.arguments = {"tar", "-tf", artifacts + "thumbnails.tar"}});
    CHECK(names.output ==
          "thumbnails/\nthumbnails/000001.jpg\nthumbnails/000002.jpg\nthumbnails/000003.jpg\n");
    const ProgramEnd size =
        runProgram({.arguments = {"sh", "-c", "tar -xOf \"$1\" thumbnails/000001.jpg | identify -",
                                  "sh", artifacts + "thumbnails.tar"}});
    CHECK(size.output.find(" JPEG 100x29 ") != std::string::npos);
    const ProgramEnd page =
        runProgram({.arguments = {"identify", artifacts + "contact-sheet.jpg"}});
    CHECK(page.output.find(" JPEG ") != std::string::npos);
    const ProgramResult sheets = runProgram(folder.path(), {"sheets", "thumbnails", "--json"});
    CHECK(sheets.out.find("the picture cannot be read") != std::string::npos);
}

TEST_CASE("the pipeline for text recognition reads the text of each page") {
    if (missing("tesseract", "tesseract-ocr") || missing("convert", "imagemagick")) return;
    const TemporaryFolder folder;
    REQUIRE(drawPictures(folder));
    const ProgramResult result = run(folder, "text-recognition");
    INFO(result.out << result.err);
    REQUIRE(result.status == 0);
    const std::string rows =
        folder.read("sheafline-data/batches/text-recognition/artifacts/text.csv");
    for (const char* text : {"Invoice number 1,3,", "Invoice number 2,3,", "Invoice number 3,3,"}) {
        INFO(text);
        CHECK(rows.find(text) != std::string::npos);
    }
    CHECK(rows.find(",page4.png,1,,,quarantined,") != std::string::npos);
}

TEST_CASE("the pipelines name the program that is missing and its package") {
    const TemporaryFolder folder;
    folder.write("sheets.jsonl", "");
    const auto output = [&](const std::vector<std::string>& arguments) {
        return runProgram(
                   {.arguments = arguments, .environment = {{"PATH=" + folder.path().string()}}})
            .error;
    };
    CHECK(output({"/bin/sh", kPipelines + "programs/thumbnails.sh", "sheets.jsonl", "100"})
              .find("convert is missing; install ImageMagick") != std::string::npos);
    CHECK(output({"/usr/bin/python3", kPipelines + "programs/recognize_text.py", "page.png"})
              .find("tesseract is missing; install tesseract-ocr") != std::string::npos);
}
