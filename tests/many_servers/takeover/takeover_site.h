// What several servers share in the tests of takeovers: a history and a table of results in
// PostgreSQL, a store, Redis, a receiver of webhooks, a pipeline that passes the fault points of a
// batch, and an archive of 60 sheets. A server stands by: it runs another batch and has no room,
// until it is asked to take over. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres_server.h"
#include "redis_server.h"
#include "takeover/losable_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

class TakeoverSite {
 public:
    static constexpr int kSheets = 60;
    static constexpr const char* kPipeline = "taken-over";

    TakeoverSite();

    const TemporaryFolder& folder() const { return folder_; }
    const std::string& archive() const { return archive_; }
    const Headers& admin() const { return admin_; }

    // A server with room for a batch. `data` is the name of its data folder.
    std::unique_ptr<LosableServer> start(const std::string& data,
                                         const LosableServer::Environment& more) const;
    const LosableServer& standby() const { return *standby_; }
    void occupyStandby();  // returns when it has no room
    void freeStandby();
    // Moves the right to feed Redis, which the server that stands by has, to this one.
    void giveRedisTo(const LosableServer& server) const;
    // As if the leases of a lost server had run out.
    void endLeasesOf(const LosableServer& server) const;

    std::string query(const std::string& sql) const { return postgres_.query(sql); }
    std::vector<std::string> inRedis(const std::string& batch) const;     // its log of events
    std::vector<std::string> atReceiver(const std::string& batch) const;  // each event once

 private:
    const TemporaryFolder folder_{};
    const TemporaryFolder received_{};
    const PostgresServer postgres_{};
    const RedisServer redis_{};
    const int receiver_port_ = freePort();
    std::unique_ptr<ChildServer> receiver_;
    std::string archive_{};
    std::unique_ptr<LosableServer> standby_{};
    Headers admin_{};
    std::string occupied_by_{};  // the batch
};

std::vector<std::string> linesOf(const std::string& text);

}  // namespace sheafline::test
