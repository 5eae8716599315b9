#include <atomic>
#include <utility>

#include <sheafline/fault_point.h>
#include <sheafline/testing/call_watch.h>

namespace sheafline::testing {

namespace {

std::atomic<CallWatch*> watching{nullptr};

void passStep(const char* name) {
    if (CallWatch* const watch = watching.load()) watch->pass(name);
}

}  // namespace

CallWatch::CallWatch() = default;

CallWatch::~CallWatch() {
    CallWatch* self = this;
    if (watching.compare_exchange_strong(self, nullptr)) watchFaultPoints(nullptr);
}

void CallWatch::actAt(int call, std::function<void()> act) {
    watching = this;
    watchFaultPoints(&passStep);
    const std::lock_guard lock(mutex_);
    names_.clear();
    at_ = call;
    act_ = std::move(act);
}

void CallWatch::pass(const char* name) {
    std::function<void()> act;
    {
        const std::lock_guard lock(mutex_);
        names_.emplace_back(name);
        if (static_cast<int>(names_.size()) == at_) act = act_;
    }
    if (act) act();
}

std::vector<std::string> CallWatch::names() const {
    const std::lock_guard lock(mutex_);
    return names_;
}

}  // namespace sheafline::testing
