#include "pdf_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/run_program.h>
#include <sheafline/shown_text.h>
#include <sheafline/stage.h>

#include "image_kind.h"
#include "pdf_program.h"

namespace sheafline::extract {

namespace {

using pdf::PageFrameKind;

constexpr int kMostCrashes = 20;  // of one file, each at another page

std::string textOf(const std::vector<std::uint8_t>& bytes) {
    return shownText({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

// Where the reading of one file is.
struct PdfReader::Run {
    std::uint64_t next = 1;
    std::uint64_t count = 0;  // 0: not known yet
    std::uint64_t max_pages = 0;
    std::string failure{};
};

PdfReader::PdfReader(const PdfLimits& limits, std::stop_token stop)
    : limits_(limits), stop_(std::move(stop)), program_(pdfProgramFile()) {}

void PdfReader::read(const std::filesystem::path& file, std::uint64_t first,
                     std::uint64_t max_pages, const Take& take) const {
    Run run{.next = first, .max_pages = max_pages};
    for (int crashes = 0; !readSome(file, run, take);) {
        if (run.count == 0)
            throw UnreadablePdf("is damaged (reading it " + run.failure +
                                "); save it again, or scan the pages again");
        if (run.next > run.count) return;
        const bool last = ++crashes == kMostCrashes;
        const std::uint64_t until = last ? run.count : run.next;
        for (; run.next <= until; ++run.next)
            take({.number = run.next,
                  .count = run.count,
                  .reason = "unreadable: the page is damaged (reading it " + run.failure +
                            "); scan it again"});
        if (run.next > run.count) return;
    }
}

// Returns false if the program failed; then `run` says at which page.
bool PdfReader::readSome(const std::filesystem::path& file, Run& run, const Take& take) const {
    PdfProgram program({program_.string(), "pages", file.string(), std::to_string(run.next),
                        std::to_string(run.max_pages), std::to_string(limits_.max_image_bytes)});
    // The image formats add less than this to the pixels.
    constexpr std::uint64_t kHeads = 64U << 10U;
    while (true) {
        auto frame = program.next(limits_.max_image_bytes + kHeads, limits_.page_timeout, stop_);
        if (!frame) {
            run.failure = program.failure();
            return false;
        }
        const PageFrameKind kind = frame->head.kind;
        if (kind == PageFrameKind::rejected) throw UnreadablePdf(textOf(frame->bytes));
        if (kind == PageFrameKind::end) return run.count > 0;
        if (kind == PageFrameKind::count) {
            run.count = frame->head.page;
            if (run.count > run.max_pages)
                throw UnreadablePdf("has " + counted(run.count, "page") +
                                    ", and max_pages allows " + std::to_string(run.max_pages) +
                                    " more; split it, or raise max_pages in the pipeline");
            continue;
        }
        if (frame->head.page != run.next || run.next > run.count) {
            run.failure = "gave a wrong answer";
            return false;
        }
        PdfPage page{.number = run.next};
        if (kind == PageFrameKind::image)
            page.image = std::move(frame->bytes);
        else if (kind == PageFrameKind::drawn)
            page = drawn(file, run.next, textOf(frame->bytes));
        else
            page.reason = "unreadable: the page cannot be read: " + textOf(frame->bytes);
        page.count = run.count;
        take(std::move(page));
        ++run.next;
    }
}

PdfPage PdfReader::drawn(const std::filesystem::path& file, std::uint64_t number,
                         const std::string& why) const {
    const std::string unlike = "unreadable: the page is not one image (" + why + "), and ";
    if (findProgram("pdftoppm").empty())
        return {.number = number,
                .reason = unlike +
                          "pdftoppm, which draws such pages, is not installed; install "
                          "poppler-utils, or scan the page to an image"};
    const ProgramEnd end =
        runProgram({.arguments = {program_.string(), "draw", file.string(), std::to_string(number)},
                    .environment = plainEnvironment(),
                    .timeout = limits_.page_timeout,
                    .max_output = limits_.max_image_bytes,
                    .stop = stop_});
    throwIfStopped(stop_);
    PdfPage page{.number = number, .drawn = true};
    page.image.assign(end.output.begin(), end.output.end());
    if (end.error.empty() && imageKind(page.image) == ImageKind::png) return page;
    const std::string reason = end.error.empty() ? "it gave no image" : shownText(end.error);
    return {.number = number,
            .reason = unlike + "pdftoppm cannot draw it: " + reason + "; scan it to an image"};
}

}  // namespace sheafline::extract
