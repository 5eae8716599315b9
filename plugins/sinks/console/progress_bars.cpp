#include "progress_bars.h"

#include <algorithm>
#include <cmath>

#include "text.h"

namespace sheafline::console {

namespace {

constexpr std::size_t kNameColumns = 20;
constexpr std::size_t kPercentColumns = 6;  // "100.0%"

}  // namespace

void ProgressBars::take(const ShownEvent& event) {
    // A retry begins a new screen below the lines of the previous execution.
    if (event.execution != newest_.execution) {
        stages_.clear();
        drawn_.clear();
        overall_ = 0;
    }
    newest_ = event;
    clock_.take(event);
    overall_ = event.overall.value_or(overall_);
    // Queued and final events belong to no stage.
    if (event.isFinal() || event.stage == "queued") return;
    const auto known = std::ranges::find(stages_, event.stage_id, &ShownEvent::stage_id);
    if (known == stages_.end()) {
        stages_.push_back(event);
    } else {
        *known = event;
    }
}

std::string ProgressBars::draw(TerminalSize size) {
    // The last column stays free: some terminals wrap as soon as it is written.
    const std::size_t columns = std::max<std::size_t>(size.columns, 2) - 1;
    std::vector<Line> shown = lines(columns);
    // Lines that scrolled off the top cannot be redrawn, so the oldest stages are left out.
    const std::size_t room = std::max<std::size_t>(size.rows, 3) - 1;
    if (shown.size() > room) {
        shown.erase(shown.begin(), shown.end() - static_cast<std::ptrdiff_t>(room));
    }

    // A terminal that became narrower has wrapped the old lines.
    std::size_t up = 0;
    for (const std::size_t width : drawn_) {
        up += std::max<std::size_t>(1, (width + size.columns - 1) / size.columns);
    }
    std::string bytes = up > 0 ? "\x1b[" + std::to_string(up) + "A\r\x1b[J" : "";
    drawn_.clear();
    for (const Line& line : shown) {
        const char* colour = line.mark == Mark::done     ? "\x1b[32m"
                             : line.mark == Mark::failed ? "\x1b[31m"
                                                         : "\x1b[36m";
        bytes += style_.colours ? colour + line.text + "\x1b[0m" : line.text;
        bytes += "\r\n";
        drawn_.push_back(columnsOf(line.text));
    }
    return bytes;
}

std::vector<ProgressBars::Line> ProgressBars::lines(std::size_t columns) const {
    std::vector<Line> all;
    for (const ShownEvent& stage : stages_) {
        all.push_back(
            {line(stage.stage_id, stage.percentage, stage.message, columns), markOf(stage)});
    }
    if (!newest_.isFinal()) {
        all.push_back({line("batch", overall_, batchText(), columns), Mark::running});
        return all;
    }
    const Mark mark = newest_.stage == "completed" ? Mark::done : Mark::failed;
    // The summary stays on the screen: it is written in full, on as many lines as it needs.
    std::string text = summary(newest_, clock_);
    const double percentage = mark == Mark::done ? 100 : overall_;
    all.push_back({line("batch", percentage, newest_.message, columns), mark});
    all.push_back({std::move(text), mark});
    return all;
}

ProgressBars::Mark ProgressBars::markOf(const ShownEvent& stage) const {
    if (stage.percentage >= 100) return Mark::done;
    return newest_.isFinal() ? Mark::failed : Mark::running;
}

std::string ProgressBars::batchText() const {
    std::string text = newest_.eta_seconds ? duration(*newest_.eta_seconds) + " left"
                                           : duration(newest_.elapsed_seconds);
    if (newest_.rate) text += ", " + decimal(*newest_.rate) + "/s";
    if (newest_.sheets_failed > 0) {
        text += ", " + std::to_string(newest_.sheets_failed) + " quarantined";
    }
    return text;
}

std::string ProgressBars::bar(double percentage, std::size_t columns) const {
    const double share = std::clamp(percentage, 0.0, 100.0) / 100;
    // Rounded down: a full bar means done.
    const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(columns)));
    std::string text;
    for (std::size_t i = 0; i < columns; ++i) {
        if (style_.blocks) {
            text += i < full ? "█" : "░";
        } else {
            text += i < full ? '#' : '.';
        }
    }
    return text;
}

std::string ProgressBars::line(const std::string& name, double percentage, const std::string& text,
                               std::size_t columns) const {
    std::string percent = decimal(percentage) + "%";
    percent.insert(0, kPercentColumns - std::min(percent.size(), kPercentColumns), ' ');
    // Name, bar and percent; the text gets the remaining columns. A narrow terminal loses the text
    // first, then the bar.
    const std::size_t bar_columns = std::clamp<std::size_t>(columns / 4, 6, 30);
    const std::size_t fixed = kNameColumns + bar_columns + 1 + kPercentColumns;
    if (columns < fixed) return fitted(fitted(name, kNameColumns) + percent, columns);
    std::string head = fitted(name, kNameColumns) + bar(percentage, bar_columns) + " " + percent;
    if (columns < fixed + 4) return head;
    std::string tail = fitted(text, columns - fixed - 2);
    tail.resize(tail.find_last_not_of(' ') + 1);
    return head + "  " + tail;
}

}  // namespace sheafline::console
