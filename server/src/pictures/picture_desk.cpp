#include "pictures/picture_desk.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <sys/stat.h>
#include <utility>

#include <sheafline/error.h>

#include "pictures/picture_process.h"
#include "process/process.h"
#include "process/wire.h"

namespace sheafline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGlance{100};  // time between two checks whether it is still
                                                   // wanted
constexpr int kMostPictures = 200;                 // per process; then a new one starts

Error unwanted() {
    return {ErrorClass::cancelled, "CLIENT_GONE", "the client left before its picture was ready"};
}

// The process ended before it answered.
class ProcessDied : public Error {
 public:
    using Error::Error;
};

Error noPicture(const std::string& why) { return {ErrorClass::permanent, "NO_IMAGE", why}; }

// Identifies the state of a file; changes with each change of the file.
std::string stateOf(const std::filesystem::path& file) {
    struct stat status {};
    if (file.empty() || ::stat(file.c_str(), &status) != 0) return "-";
    return std::to_string(status.st_ino) + '.' + std::to_string(status.st_size) + '.' +
           std::to_string(status.st_mtim.tv_sec) + '.' + std::to_string(status.st_mtim.tv_nsec);
}

}  // namespace

class PictureDesk::Artist {
 public:
    Artist() : process_({"picture-process"}, Process::Group::own), frames_(process_.socket()) {}

    // Whether the process may draw another picture.
    bool healthy() const { return healthy_ && pictures_ < kMostPictures; }

    // Whether the process ended while it was idle: the thread that started it has ended, or the
    // system killed it. An idle process sends nothing, so anything to read is its end.
    bool gone() const { return waitReadable(process_.socket(), std::chrono::milliseconds{0}); }

    SheetPicture draw(const PictureOrder& order, std::chrono::milliseconds time,
                      const std::function<bool()>& wanted) {
        healthy_ = false;  // until it has answered
        ++pictures_;
        const auto deadline = Clock::now() + time;
        if (!sendFrame(process_.socket(), kPictureFrame, wireOf(order))) throw died();
        std::optional<Frame> frame;
        while (!(frame = frames_.take())) {
            if (!wanted()) throw unwanted();
            if (Clock::now() > deadline)
                throw noPicture("the image takes longer to decode than " +
                                std::to_string(time.count() / 1'000) + " s");
            if (waitReadable(process_.socket(), kGlance) && !frames_.fill()) throw died();
        }
        return answerOf(*frame, order.kind);
    }

 private:
    // The process decoded an untrusted image, so its answer is checked like any input.
    SheetPicture answerOf(const Frame& frame, PictureKind kind) {
        std::string first;
        std::string second;
        try {
            WireReader reader(frame.payload);
            first = reader.text();
            second = reader.text();
        } catch (const Error&) {
            throw died();
        }
        healthy_ = true;
        if (frame.type != kPictureFrame) {
            const bool known = first == "NO_TEMPLATE" || first == "NO_SUCH_FIELD";
            throw Error(ErrorClass::permanent, known ? first : "NO_IMAGE", second.substr(0, 500));
        }
        const bool fits = kind == PictureKind::source
                              ? first == kSourceType
                              : first == "image/jpeg" || first == "image/png";
        if (!fits) throw died();
        return {.bytes = std::move(second), .media_type = std::move(first)};
    }

    ProcessDied died() {
        healthy_ = false;
        process_.kill();
        return {ErrorClass::permanent, "NO_IMAGE",
                "the image cannot be decoded: its process ended with " + process_.wait().text};
    }

    Process process_;
    FrameReader frames_;
    bool healthy_ = true;
    int pictures_ = 0;
};

PictureDesk::PictureDesk(const PictureLimits& limits) : limits_(limits) {}
PictureDesk::~PictureDesk() = default;

PictureStats PictureDesk::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

std::unique_ptr<PictureDesk::Artist> PictureDesk::take(const std::function<bool()>& wanted) {
    std::unique_lock lock(mutex_);
    if (busy_ >= limits_.processes) {
        if (waiting_ >= limits_.waiting)
            throw Error(ErrorClass::transient, "PICTURES_BUSY",
                        "too many pictures are being drawn; try again in a second");
        ++waiting_;
        bool still = true;
        while (busy_ >= limits_.processes && still) {
            changed_.wait_for(lock, kGlance);
            lock.unlock();
            still = wanted();
            lock.lock();
        }
        --waiting_;
        if (!still) throw unwanted();
    }
    ++busy_;
    while (!idle_.empty()) {
        auto artist = std::move(idle_.back());
        idle_.pop_back();
        if (!artist->gone()) return artist;
    }
    return nullptr;
}

void PictureDesk::giveBack(std::unique_ptr<Artist> artist) {
    const bool healthy = artist && artist->healthy();
    const bool killed = artist && !healthy;
    if (!healthy) artist.reset();  // kills it
    {
        const std::lock_guard lock(mutex_);
        --busy_;
        stats_.killed += killed ? 1 : 0;
        if (artist) idle_.push_back(std::move(artist));
    }
    changed_.notify_all();
}

SheetPicture PictureDesk::picture(const PictureOrder& order, const std::function<bool()>& wanted) {
    const std::string key =
        wireOf(order) + '\n' + stateOf(order.archive) + '\n' + stateOf(order.template_file);
    SheetPicture picture;
    if (findKept(key, picture)) return picture;
    std::unique_ptr<Artist> artist = take(wanted);
    try {
        picture = drawn(artist, order, wanted);
    } catch (...) {
        giveBack(std::move(artist));
        throw;
    }
    giveBack(std::move(artist));
    keep(key, picture);
    return picture;
}

SheetPicture PictureDesk::drawn(std::unique_ptr<Artist>& artist, const PictureOrder& order,
                                const std::function<bool()>& wanted) const {
    if (artist) {
        try {
            return artist->draw(order, limits_.time, wanted);
        } catch (const ProcessDied&) {
            // The system may have killed it while it was idle, so a new process decides.
        }
    }
    artist = std::make_unique<Artist>();
    return artist->draw(order, limits_.time, wanted);
}

bool PictureDesk::findKept(const std::string& key, SheetPicture& picture) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(kept_, key, &Kept::key);
    if (found == kept_.end()) return false;
    kept_.splice(kept_.begin(), kept_, found);
    picture = found->picture;
    ++stats_.cached;
    return true;
}

void PictureDesk::keep(const std::string& key, const SheetPicture& picture) {
    const std::lock_guard lock(mutex_);
    ++stats_.drawn;
    if (picture.bytes.size() > limits_.cache_bytes / 4) return;
    kept_.push_front({.key = key, .picture = picture});
    kept_bytes_ += picture.bytes.size();
    while (kept_bytes_ > limits_.cache_bytes) {
        kept_bytes_ -= kept_.back().picture.bytes.size();
        kept_.pop_back();
    }
}

}  // namespace sheafline
