// A scanner's PDF from start to end, next to the same pages as a ZIP of images.
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "program.h"
#include "scanner_pages.h"
#include "temporary_folder.h"
#include "zip_bytes.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// The rows of a batch without its id, the sheet's file and its page.
std::vector<std::string> rowsOf(const TemporaryFolder& folder, const std::string& batch) {
    std::istringstream csv(folder.read("sheafline-data/batches/" + batch + "/artifacts/demo.csv"));
    std::vector<std::string> rows;
    for (std::string line; std::getline(csv, line);) {
        std::string row;
        std::istringstream cells(line);
        std::string cell;
        for (int i = 0; std::getline(cells, cell, ','); ++i)
            if (i != 0 && i != 2 && i != 3) row += cell + ',';
        rows.push_back(row);
    }
    return rows;
}

struct Scans {
    TemporaryFolder folder{};
    ScannerPages pages{};

    explicit Scans(int sheets) {
        REQUIRE(runProgram(folder.path(), {"sample", "--sheets", std::to_string(sheets), "--seed",
                                           "17", "--out", "samples.zip"})
                    .status == 0);
        pages = scannerPages(folder / "samples.zip");
        folder.write("exam.pdf", pages.pdf);
        folder.write("exam.zip", pages.zip);
    }

    ProgramResult run(const std::string& batch, const std::vector<std::string>& inputs) const {
        std::vector<std::string> words{"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                                       "--batch-id", batch, "--input"};
        words.insert(words.end(), inputs.begin(), inputs.end());
        return runProgram(folder.path(), words);
    }
};

}  // namespace

TEST_CASE("a PDF of a scanner gives the same rows as its pages as a ZIP of images") {
    const Scans scans(12);
    const auto pdf = scans.run("pdf", {"exam.pdf"});
    INFO(pdf.err << pdf.out);
    REQUIRE(pdf.status == 0);
    REQUIRE(scans.run("zip", {"exam.zip"}).status == 0);
    const auto rows = rowsOf(scans.folder, "pdf");
    CHECK(rows.size() == static_cast<std::size_t>(scans.pages.pages) + 1);
    CHECK(rows == rowsOf(scans.folder, "zip"));
    const std::string csv = scans.folder.read("sheafline-data/batches/pdf/artifacts/demo.csv");
    CHECK_THAT(csv, Catch::Contains(",exam.pdf#1,1,") && Catch::Contains(",exam.pdf#12,1,"));
    CHECK(scans.folder.read("sheafline-data/batches/pdf/archive.zip") == scans.pages.pdf);
}

TEST_CASE("several files are one batch: PDFs, images and the entries of an archive") {
    const Scans scans(3);
    scans.folder.write("more.zip", zipOf({{.name = "a.jpg", .content = "no image"}}));
    const auto done = scans.run("one", {"exam.pdf", "more.zip", "exam.zip"});
    INFO(done.err << done.out);
    const std::string csv = scans.folder.read("sheafline-data/batches/one/artifacts/demo.csv");
    for (const char* file :
         {",exam.pdf#1,", ",exam.pdf#3,", ",more/a.jpg,", ",exam/0001.jpg,", ",exam/0003.png,"})
        CHECK_THAT(csv, Catch::Contains(file));
    const auto missing = scans.run("two", {"exam.pdf", "none.jpg"});
    CHECK(missing.status == 2);
    CHECK_THAT(missing.err, Catch::Contains("none.jpg: no such file"));
    const auto again = scans.run("one", {"exam.pdf", "exam.zip"});
    CHECK(again.status == 2);
    CHECK_THAT(again.err, Catch::Contains("sheafline resume one"));
}

TEST_CASE("a batch of a PDF continues after kill -9 in the middle of its pages") {
    const Scans scans(6);
    const auto killed = runProgram(scans.folder.path(),
                                   {"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-batch.yaml",
                                    "--batch-id", "pdf", "--input", "exam.pdf"},
                                   {{"SHEAFLINE_FAULT", "batch/extract.page:3:kill"},
                                    {"SHEAFLINE_FAULT_COUNT", (scans.folder / "").string()}});
    INFO(killed.err << killed.out);
    CHECK(killed.status == 0);  // its batch process is started again
    REQUIRE(scans.run("zip", {"exam.zip"}).status == 0);
    CHECK(rowsOf(scans.folder, "pdf") == rowsOf(scans.folder, "zip"));
}
