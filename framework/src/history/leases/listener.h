// Hears of the commits of other servers of one database, by LISTEN on a connection of its own. It
// subscribes first and then reads the newest event, so nothing is missed, also not after a lost
// connection. One thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "base/sql/database.h"
#include "base/sql/place.h"
#include "history/leases/notice.h"

namespace sheafline {

class Listener {
 public:
    // `heard` is called on the listener's thread. After a lost connection, it gets a notice of many
    // changes.
    Listener(sql::Place place, std::function<void(const Notice&)> heard);

 private:
    void listen(const std::stop_token& stop);
    void hear(const std::stop_token& stop);

    const sql::Place place_;
    const std::function<void(const Notice&)> heard_;
    std::jthread thread_;  // last: it uses the above
};

}  // namespace sheafline
