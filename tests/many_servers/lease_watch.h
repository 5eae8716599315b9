// Watches the leases of running batches in the history, and measures each takeover: the time from
// the last renewal by the old owner to the claim of the new one, by the clock of the database. Its
// own thread; thread-safe.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "postgres_server.h"

namespace sheafline::test {

class LeaseWatch {
 public:
    // `url` is that of the history.
    explicit LeaseWatch(std::string url);

    std::vector<double> takeovers() const;  // seconds

 private:
    struct Lease {
        long epoch = 0;
        double until = 0;  // seconds since 1970
    };

    void run(const std::stop_token& stop);
    void sample();

    const std::string url_;
    std::map<std::string, Lease> leases_{};  // used by the thread only

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<double> takeovers_{};
    std::condition_variable_any never_;

    std::jthread thread_;
};

}  // namespace sheafline::test
