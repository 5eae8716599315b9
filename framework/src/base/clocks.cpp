#include "base/clocks.h"

#include <array>
#include <ctime>
#include <fstream>

namespace sheafline {

namespace {

std::int64_t milliseconds(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

std::int64_t wallMs() { return milliseconds(CLOCK_REALTIME); }

std::int64_t bootMs() { return milliseconds(CLOCK_BOOTTIME); }

const std::string& bootId() {
    static const std::string id = [] {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        std::string text;
        std::getline(file, text);
        return text;
    }();
    return id;
}

std::string utcText(std::int64_t wall_ms) {
    const std::time_t seconds = wall_ms / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::int64_t utcSeconds(const std::string& utc_text) {
    std::tm parts{};
    const char* end = ::strptime(utc_text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return end != nullptr && *end == '\0' ? ::timegm(&parts) : 0;
}

}  // namespace sheafline
