#include "streams/list/list_changes.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

namespace sheafline {

namespace {

FileDescriptor eventDescriptor() {
    FileDescriptor descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (descriptor.get() < 0) throwSystemError(errno, "cannot create an event descriptor");
    return descriptor;
}

}  // namespace

ListChanges::ListChanges() : wake_(eventDescriptor()) {}

void ListChanges::note(const Committed& committed) {
    const std::lock_guard lock(mutex_);
    const bool first = news_.empty();
    if (committed.shares || committed.removed) news_.rights = true;
    if (!news_.many) {
        (committed.removed ? news_.removed : news_.changed).insert(committed.batch_id);
        if (news_.changed.size() + news_.removed.size() > kMostBatches)
            news_ = {.rights = news_.rights, .many = true};
    }
    if (first) wake();
}

void ListChanges::noteMany() {
    const std::lock_guard lock(mutex_);
    news_ = {.rights = true, .many = true};
    wake();
}

ListChanges::News ListChanges::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, {});
}

void ListChanges::wake() const {
    const std::uint64_t one = 1;
    // A full counter wakes as well.
    [[maybe_unused]] const ssize_t n = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace sheafline
