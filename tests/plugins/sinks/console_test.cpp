// Tests the console sink from outside: a driver loads the .so and passes events to it, with a pipe
// or a terminal as its standard output.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <pty.h>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "terminal_screen.h"

namespace {

using Environment = std::vector<std::pair<const char*, const char*>>;

// A driver with the sink under test, and the other ends of its standard input and output.
class Driver {
 public:
    Driver(const std::string& mode, unsigned short columns, const Environment& environment = {}) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        const bool made =
            ::pipe(in.data()) == 0 &&
            (columns == 0 ? ::pipe(out.data()) == 0
                          : ::openpty(out.data(), out.data() + 1, nullptr, nullptr, &size) == 0);
        if (!made) throw std::runtime_error("no pipe or terminal for the driver");
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(in[0], STDIN_FILENO);
            ::dup2(out[1], STDOUT_FILENO);
            for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
            ::setenv("TERM", "xterm", 1);
            ::setenv("LC_ALL", "C.UTF-8", 1);
            ::unsetenv("NO_COLOR");
            for (const auto& [name, value] : environment) ::setenv(name, value, 1);
            ::execl(SHEAFLINE_BINARY_DIR "/bin/sink_driver", "sink_driver", "console",
                    ("mode=" + mode).c_str(), nullptr);
            ::_exit(127);
        }
        ::close(in[0]);
        ::close(out[1]);
        in_ = in[1];
        out_ = out[0];
    }
    ~Driver() {
        end();
        ::close(out_);
        ::waitpid(child_, nullptr, 0);
    }
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    void send(const std::string& event) const {
        const std::string line = event + "\n";
        REQUIRE(::write(in_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    }
    void resize(unsigned short columns) const {
        const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        REQUIRE(::ioctl(out_, TIOCSWINSZ, &size) == 0);
    }
    // Reads until `text` has arrived, or to the end if it is empty.
    std::string readUntil(const std::string& text) const {
        std::string all;
        std::array<char, 4096> buffer{};
        while (text.empty() || all.find(text) == std::string::npos) {
            const ssize_t count = ::read(out_, buffer.data(), buffer.size());
            if (count <= 0) break;  // a terminal without a program returns EIO
            all.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return all;
    }
    std::string rest() {
        end();
        return readUntil("");
    }

 private:
    void end() {
        if (in_ >= 0) ::close(in_);
        in_ = -1;
    }

    pid_t child_ = -1;
    int in_ = -1;
    int out_ = -1;
};

std::string event(const std::string& stage, const std::string& percent, const std::string& message,
                  const std::string& more = "") {
    return R"({"stage":")" + stage + R"(","message":")" + message + R"(","progress_percentage":)" +
           percent + R"(,"sheets_total":40,"sheets_processed":40,"elapsed_seconds":125,)" +
           R"("timestamp":"2025-11-20T12:00:05Z","batch_id":"b","seq":1)" + more + "}";
}

std::string screen(const std::string& bytes, std::size_t columns) {
    sheafline::TerminalScreen terminal(columns);
    terminal.write(bytes);
    return terminal.text();
}

const std::string kCompleted =
    event("completed", "100.0", "Batch completed successfully", R"(,"sheets_failed":2)");

}  // namespace

TEST_CASE("piped, the console prints a line for each event worth reading") {
    Driver driver("auto", 0);
    driver.send(event("extracting", "0.0", "Extracting ZIP"));
    driver.send(event("extracting", "4.0", "too little moved"));
    driver.send(event("extracting", "50.0", "Half"));
    driver.send(event("extracting", "100.0", "Extracted 40 files from ZIP"));
    driver.send(kCompleted);
    CHECK(driver.rest() ==
          "12:00:05  extracting            0.0%  Extracting ZIP\n"
          "12:00:05  extracting           50.0%  Half\n"
          "12:00:05  extracting          100.0%  Extracted 40 files from ZIP\n"
          "12:00:05  completed           100.0%  Batch completed successfully\n"
          "Completed in 2 min 05 s: 40 sheets, 38 read, 2 quarantined\n");
}

TEST_CASE("the summary of a later execution counts from its begin, not from the batch's creation") {
    const auto [mode, ends, line] = GENERATE(table<std::string, std::string, std::string>({
        {"lines", "completed", "Completed execution 2 in 14 s, 1 h 00 min after the batch was"},
        {"bars", "completed", "Completed execution 2 in 14 s, 1 h 00 min after the batch was"},
        {"lines", "failed", "Failed in execution 2 after 14 s, 1 h 00 min after the batch was"},
        {"lines", "cancelled", "Cancelled in execution 2 after 14 s, 1 h 00 min after the batch"},
    }));
    const auto later = [](const std::string& stage, int seconds) {
        return R"({"stage":")" + stage + R"(","message":"m","progress_percentage":0.0,)" +
               R"("sheets_total":40,"sheets_processed":40,"elapsed_seconds":)" +
               std::to_string(seconds) + R"(,"timestamp":"2025-11-20T12:00:05Z",)" +
               R"("batch_id":"b","seq":9,"execution":2})";
    };
    Driver driver(mode, mode == "bars" ? 120 : 0);
    driver.send(kCompleted);
    driver.send(later("queued", 3'600 - 14));
    driver.send(later("processing_sheets", 3'600 - 5));
    driver.send(later(ends, 3'600));
    CHECK_THAT(driver.rest(), Catch::Contains(line));
}

TEST_CASE("a failed batch ends with its error") {
    Driver driver("lines", 0);
    driver.send(event(
        "failed", "10.0", "Batch failed",
        R"(,"error":{"code":"DISK_FULL","message":"cannot write x.csv","stage":"generating_csv"})"));
    CHECK(driver.rest() ==
          "12:00:05  failed               10.0%  Batch failed\n"
          "Failed after 2 min 05 s: cannot write x.csv (DISK_FULL, in generating_csv); 40 sheets, "
          "40 read\n");
}

TEST_CASE("the console prints unchanged events in JSON mode") {
    Driver driver("json", 0);
    driver.send(event("extracting", "4.0", "x"));
    driver.send(kCompleted);
    CHECK(driver.rest() == event("extracting", "4.0", "x") + "\n" + kCompleted + "\n");
}

TEST_CASE("a terminal shows one bar per stage, drawn in place") {
    Driver driver("auto", 80);
    driver.send(event("extracting", "50.0", "Extracting ZIP"));
    driver.send(event("extracting", "100.0", "Extracted 40 files from ZIP"));
    driver.send(event("processing_sheets", "12.5", "Progress: 5/40 tasks completed",
                      R"(,"stage_id":"process","eta_seconds":70,"rate_per_second":14.2,)"
                      R"("overall_percentage":48.0)"));
    CHECK(screen(driver.rest(), 80) ==
          "extracting          ███████████████████ 100.0%  Extracted 40 files from ZIP\n"
          "process             ██░░░░░░░░░░░░░░░░░  12.5%  Progress: 5/40 tasks completed\n"
          "batch               █████████░░░░░░░░░░  48.0%  1 min 10 s left, 14.2/s\n");
}

TEST_CASE("the bars end with the result") {
    Driver driver("bars", 80);
    driver.send(event("extracting", "100.0", "Extracted"));
    driver.send(kCompleted);
    CHECK(screen(driver.rest(), 80) ==
          "extracting          ███████████████████ 100.0%  Extracted\n"
          "batch               ███████████████████ 100.0%  Batch completed successfully\n"
          "Completed in 2 min 05 s: 40 sheets, 38 read, 2 quarantined\n");
}

TEST_CASE("a terminal that becomes narrower gets narrower bars and no leftovers") {
    Driver driver("bars", 80);
    driver.send(event("extracting", "50.0", "Extracting a ZIP of a long name"));
    driver.readUntil("batch");
    driver.resize(40);
    driver.send(event("extracting", "100.0", "Extracted"));
    // Two lines of 80 columns take four lines of 40.
    CHECK(driver.rest().find("\x1b[4A\r\x1b[J") != std::string::npos);
}

TEST_CASE("no colors are used when NO_COLOR is set") {
    const bool coloured = GENERATE(true, false);
    Driver driver("bars", 80, coloured ? Environment{} : Environment{{"NO_COLOR", "1"}});
    driver.send(event("extracting", "100.0", "Extracted"));
    CHECK((driver.rest().find("\x1b[32m") != std::string::npos) == coloured);
}

TEST_CASE("a charset without blocks gets bars in ASCII") {
    Driver driver("bars", 60, {{"LC_ALL", "C"}});
    driver.send(event("extracting", "50.0", "Half"));
    CHECK(
        screen(driver.rest(), 60).starts_with("extracting          #######.......  50.0%  Half\n"));
}

TEST_CASE("a message cannot move the cursor") {
    Driver driver("auto", 0);
    driver.send(event("extracting", "0.0", R"(a\u001b[2Jb\u202ec)"));
    CHECK(driver.rest() == "12:00:05  extracting            0.0%  a\\x1b[2Jb\\u202ec\n");
}
