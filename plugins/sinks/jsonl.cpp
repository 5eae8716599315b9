// Appends one line per event to a file: event '\n' event '\n' …, the same bytes as in the history.
// Delivered events are durable. Several batches and several sinks may share the file: each sink
// locks it and reads what the others added before it appends.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/plugin.h>

namespace {

using sheafline::CommittedEvent;
using sheafline::Error;
using sheafline::ErrorClass;
using sheafline::FileDescriptor;

// The value behind `"key":` in an event. Quotes inside JSON strings are escaped, so this text
// cannot occur anywhere else.
std::string_view valueOf(std::string_view event, std::string_view mark, char end) {
    const auto at = event.find(mark);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = event.substr(at + mark.size());
    return rest.substr(0, rest.find_first_of(std::string{end, ',', '}'}));
}

class Jsonl : public sheafline::Sink {
 public:
    explicit Jsonl(sheafline::Params& params)
        : file_(params.path(
              "file", {.help = "file to which one line per event is appended", .required = true})) {
    }

    void deliver(std::span<const CommittedEvent> events) override {
        open();
        const Lock lock(*this);
        catchUp();
        std::string lines;
        std::map<std::string_view, std::uint64_t> added;
        for (const CommittedEvent& event : events) {
            if (event.seq <= std::max(newest_[event.batch_id], added[event.batch_id])) continue;
            added[event.batch_id] = event.seq;
            lines += event.json;
            lines += '\n';
        }
        append(lines);
        // Only now, because after a failure the same events are delivered again.
        for (const auto& [batch_id, seq] : added) {
            std::uint64_t& newest = newest_[std::string(batch_id)];
            newest = std::max(newest, seq);
        }
    }

 private:
    class Lock {
     public:
        explicit Lock(const Jsonl& sink) : fd_(sink.events_.get()) {
            while (::flock(fd_, LOCK_EX) != 0) {
                if (errno != EINTR) sink.fail("cannot lock");
            }
        }
        ~Lock() { ::flock(fd_, LOCK_UN); }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

     private:
        int fd_;
    };

    // Every error of the file may be temporary (a full disk, a folder that is not mounted yet), so
    // the events are delivered again.
    [[noreturn]] void fail(const char* what) const {
        const int error_number = errno;
        throw Error(ErrorClass::transient, error_number == ENOSPC ? "DISK_FULL" : "SINK_FILE",
                    std::string(what) + " " + file_.string() + ": " + std::strerror(error_number));
    }

    // Not in the constructor, because that also runs to list the params.
    void open() {
        if (events_) return;
        events_ =
            FileDescriptor(::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
        if (!events_) fail("cannot open");
        struct stat status {};
        if (::fstat(events_.get(), &status) != 0) fail("cannot check");
        if (!S_ISREG(status.st_mode)) {
            throw Error(ErrorClass::permanent, "SINK_FILE",
                        file_.string() + " is not a regular file; name a regular file for jsonl");
        }
        sheafline::syncFolder(std::filesystem::absolute(file_).parent_path());
    }

    // Reads the lines that were added since the last call. Truncates the file at a line without an
    // end, whose writer was killed, or at a line with a hole.
    void catchUp() {
        std::string text;
        std::string buffer(1U << 20U, '\0');
        off_t at = end_;
        while (true) {
            const ssize_t count = ::pread(events_.get(), buffer.data(), buffer.size(), at);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail("cannot read");
            if (count == 0) break;
            at += count;
            text.append(buffer, 0, static_cast<std::size_t>(count));
            end_ += static_cast<off_t>(takeLines(text));
        }
        if (!text.empty() && ::ftruncate(events_.get(), end_) != 0)
            fail("cannot remove the incomplete last line of");
    }

    std::size_t takeLines(std::string& text) {
        std::size_t taken = 0;
        for (auto stop = text.find('\n'); stop != std::string::npos;
             stop = text.find('\n', taken)) {
            const std::string_view line = std::string_view(text).substr(taken, stop - taken);
            // A power cut left a hole: nothing after it was durable, so those events are delivered
            // again.
            if (line.find('\0') != std::string_view::npos) break;
            remember(line);
            taken = stop + 1;
        }
        text.erase(0, taken);
        return taken;
    }

    void remember(std::string_view event) {
        const std::string_view seq = valueOf(event, R"("seq":)", ',');
        std::uint64_t number = 0;
        std::from_chars(seq.data(), seq.data() + seq.size(), number);
        auto& newest = newest_[std::string(valueOf(event, R"("batch_id":")", '"'))];
        newest = std::max(newest, number);
    }

    void append(std::string_view lines) {
        if (lines.empty()) return;
        sheafline::faultPoint("jsonl.write");
        const off_t before = end_;
        while (!lines.empty()) {
            const ssize_t count = ::write(events_.get(), lines.data(), lines.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) giveBack(before, "cannot append to");
            lines.remove_prefix(static_cast<std::size_t>(count));
            end_ += count;
        }
        if (::fdatasync(events_.get()) != 0) giveBack(before, "cannot make durable");
    }

    // After a failed fsync the lines may seem to be written although they are not. They are removed
    // from the file and forgotten, so that the same events are appended again later.
    [[noreturn]] void giveBack(off_t before, const char* what) {
        const int error_number = errno;
        [[maybe_unused]] const int cut = ::ftruncate(events_.get(), before);
        events_.reset();
        end_ = 0;
        newest_.clear();
        errno = error_number;
        fail(what);
    }

    const std::filesystem::path file_;
    FileDescriptor events_;
    off_t end_ = 0;                                // end of the lines that were read
    std::map<std::string, std::uint64_t> newest_;  // seq, by batch
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::sink,
    .name = "jsonl",
    .version = "1.0.0",
    .summary = "appends every event to a file, one JSON object per line",
    .durable = true,
    .params = sheafline::paramsOf<Jsonl>,
    .make_sink = sheafline::makeSink<Jsonl>};
