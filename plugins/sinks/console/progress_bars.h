// For a terminal: one bar per stage and one for the batch, redrawn in place at each event. The
// lines are made for the width that is passed to each draw, so a resize needs no signal. One
// thread.
//
//     extracting          ████████████████████████  100.0%  Extracted 11515 files from ZIP
//     processing_sheets   ███░░░░░░░░░░░░░░░░░░░░░   12.0%  Progress: 1368/11404 tasks completed
//     batch               █████░░░░░░░░░░░░░░░░░░░   21.3%  142.7/s, 1 min 10 s left
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "shown_event.h"
#include "summary.h"

namespace sheafline::console {

struct TerminalSize {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

struct TerminalStyle {
    bool colours = true;
    bool blocks = true;  // false: ASCII, if the terminal's character set is not UTF-8
};

class ProgressBars {
 public:
    explicit ProgressBars(TerminalStyle style) : style_(style) {}

    void take(const ShownEvent& event);
    std::string draw(TerminalSize size);  // the bytes that bring the screen up to date

 private:
    enum class Mark { running, done, failed };
    struct Line {
        std::string text{};
        Mark mark = Mark::running;
    };
    std::vector<Line> lines(std::size_t columns) const;
    std::string bar(double percentage, std::size_t columns) const;
    std::string line(const std::string& name, double percentage, const std::string& text,
                     std::size_t columns) const;
    std::string batchText() const;
    Mark markOf(const ShownEvent& stage) const;

    const TerminalStyle style_;
    std::vector<ShownEvent> stages_;  // the newest event of each stage, in the order of appearance
    ShownEvent newest_;
    ExecutionClock clock_;
    double overall_ = 0;
    std::vector<std::size_t> drawn_;  // the widths of the lines on the screen
};

}  // namespace sheafline::console
