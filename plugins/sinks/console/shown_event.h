// The parts of an event that the console shows.
#pragma once

#include <optional>
#include <string>

namespace sheafline::console {

struct ShownEvent {
    std::string stage{};
    std::string stage_id{};  // identifies a bar; the stage's name if there is no id
    std::string message{};
    std::string timestamp{};
    double percentage = 0;
    std::optional<double> overall{};
    std::optional<double> rate{};
    std::optional<long long> eta_seconds{};
    long long elapsed_seconds = 0;
    long long sheets_total = 0;
    long long sheets_processed = 0;
    long long sheets_failed = 0;
    long long sheets_doubtful = 0;
    long long execution = 1;
    std::string error{};  // "text (CODE, in stage)", of a failed batch

    bool isFinal() const {
        return stage == "completed" || stage == "failed" || stage == "cancelled";
    }
};

// Throws Poco::Exception if the text is not an event.
ShownEvent parseEvent(const std::string& json);

}  // namespace sheafline::console
