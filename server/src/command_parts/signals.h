// The signals that a command handles itself. Construct it before any thread starts, so that only
// the thread that calls take() receives them. SIGPIPE and the signals that are not listed (SIGHUP,
// SIGUSR1, SIGUSR2) are ignored.
#pragma once

#include <chrono>
#include <csignal>
#include <initializer_list>

namespace sheafline {

class Signals {
 public:
    Signals(std::initializer_list<int> numbers) {
        sigemptyset(&set_);
        for (const int number : numbers) sigaddset(&set_, number);
        ::signal(SIGPIPE, SIG_IGN);
        for (const int number : {SIGHUP, SIGUSR1, SIGUSR2}) ::signal(number, SIG_IGN);
        for (const int number : numbers) {
            if (number == SIGHUP)
                ::signal(SIGHUP, SIG_DFL);  // an ignored signal would never become pending
        }
        ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }

    int take(std::chrono::milliseconds patience = {}) const {  // 0: no signal
        const timespec time{.tv_sec = patience.count() / 1000,
                            .tv_nsec = patience.count() % 1000 * 1'000'000};
        const int number = ::sigtimedwait(&set_, nullptr, &time);
        return number > 0 ? number : 0;
    }

 private:
    sigset_t set_{};
};

}  // namespace sheafline
