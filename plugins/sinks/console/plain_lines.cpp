#include "plain_lines.h"

#include "text.h"

namespace sheafline::console {

bool PlainLines::isWorthReading(const ShownEvent& event, const Printed& last) const {
    if (event.isFinal() || last.percentage < 0) return true;
    if (event.percentage >= 100) return last.percentage < 100 || event.message != last.message;
    // A lower percentage than before means another attempt.
    if (event.percentage < last.percentage) return true;
    return event.percentage - last.percentage >= 10 ||
           event.elapsed_seconds - last.elapsed_seconds >= 10;
}

std::string PlainLines::take(const ShownEvent& event) {
    clock_.take(event);
    Printed& last = printed_[event.stage_id];
    if (!isWorthReading(event, last)) return {};
    last = {event.percentage, event.elapsed_seconds, event.message};

    // "2025-11-20T12:00:05Z": the time of day is enough for a person who watches.
    const std::string time = event.timestamp.size() >= 19 ? event.timestamp.substr(11, 8) : "";
    std::string percentage = decimal(event.percentage) + "%";
    percentage.insert(0, percentage.size() < 6 ? 6 - percentage.size() : 0, ' ');
    std::string line = fitted(time, 8) + "  " + fitted(event.stage, 18) + "  " + percentage + "  " +
                       event.message + "\n";
    if (event.isFinal()) line += summary(event, clock_) + "\n";
    return line;
}

}  // namespace sheafline::console
