#include "pictures/picture_process.h"

#include <array>
#include <new>
#include <string>
#include <sys/resource.h>

#include <sheafline/error.h>

#include "pictures/picture_maker.h"
#include "process/process.h"
#include "process/process_guard.h"
#include "process/sandbox.h"
#include "process/wire.h"

namespace sheafline {

namespace {

constexpr rlim_t kMemoryBytes = rlim_t{1} << 30U;  // without the archives, which are mapped
constexpr int kNice = 5;

void limit(__rlimit_resource resource, rlim_t most) {
    const rlimit both{.rlim_cur = most, .rlim_max = most};
    ::setrlimit(resource, &both);
}

void limitThisProcess() {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 64);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they map terabytes
    limit(RLIMIT_DATA, kMemoryBytes);  // RLIMIT_AS would count archives too
#endif
    ::setpriority(PRIO_PROCESS, 0, kNice);
}

bool answer(PictureMaker& maker, const Frame& frame) {
    std::string code = "NO_IMAGE";
    std::string text;
    try {
        const SheetPicture picture = maker.draw(pictureOrderOf(frame.payload));
        return sendFrame(kPeerSocket, kPictureFrame,
                         WireWriter().text(picture.media_type).text(picture.bytes).bytes());
    } catch (const Error& error) {
        code = error.code();
        text = error.what();
    } catch (const std::bad_alloc&) {
        text = "the image needs more memory than a picture may use (1 GiB)";
    } catch (const std::exception&) {
        text = "the image cannot be read";
    }
    return sendFrame(kPeerSocket, kPictureErrorFrame, WireWriter().text(code).text(text).bytes());
}

}  // namespace

int drawPictures() {
    guardThisProcess();
    limitThisProcess();
    // Templates may be anywhere; what is read can only leave as a picture.
    const std::array<std::string, 1> readable{"/"};
    enterSandbox(readable);
    PictureMaker maker;
    FrameReader frames(kPeerSocket);
    while (const auto frame = frames.next()) {
        if (!answer(maker, *frame)) break;
    }
    return 0;
}

}  // namespace sheafline
