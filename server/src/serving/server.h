// The server: owner of a data folder, queue, sign-in, event streams and the HTTP front, created in
// order. It listens when the constructor returns. docs/serving.md describes it for operators.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "accounts/account_store.h"
#include "accounts/api_tokens/api_token_store.h"
#include "accounts/password_hasher.h"
#include "accounts/sign_in.h"
#include "accounts/tokens.h"
#include "api/audit_watch.h"
#include "api/cors_policy.h"
#include "api/own_host.h"
#include "api/routes/accounts/account_routes.h"
#include "api/routes/accounts/auth_routes.h"
#include "api/routes/accounts/user_routes.h"
#include "api/routes/batch_routes.h"
#include "api/routes/file_routes.h"
#include "api/routes/operation_routes.h"
#include "api/routes/progress_routes.h"
#include "api/routes/system/system_routes.h"
#include "api/routes/upload_routes.h"
#include "api/routes/work_routes.h"
#include "audit/audit_store.h"
#include "batches/batch_intake.h"
#include "batches/batch_queue.h"
#include "batches/pipeline_shelf.h"
#include "batches/review_watch.h"
#include "batches/sinks/redis_keys.h"
#include "batches/upload_desk.h"
#include "http/front/front.h"
#include "owner/owner.h"
#include "pictures/picture_desk.h"
#include "replay/replay.h"
#include "settings/listen_address.h"
#include "settings/settings.h"
#include "streams/history_events.h"
#include "streams/list/list_streams.h"
#include "worker/work_offers.h"

namespace sheafline {

class Server {
 public:
    // With an order, the data folder is that of a ReplayFolder, and requests that change something
    // are rejected.
    Server(const Settings& settings, Log& log, const ReplayOrder& replay = {});

    ~Server();

    std::string url() const;
    // The password of the admin that the first start creates; to be shown only once.
    const std::optional<std::string>& firstPassword() const { return first_password_; }

    void reload(const ServeSettings& settings);  // pipelines and the number of running batches
    // Accepts nothing new, stops batches at a checkpoint, ends the streams, and returns when
    // everything has stopped, or at once if `hurry` returns true.
    void stop(const std::function<bool()>& hurry);

 private:
    void addRoutes();
    void noteProxy(const http::Origin& origin);
    std::string workerUrl() const;  // from which workers fetch sheets
    void keepHouse(const std::stop_token& stop);
    void removeOld();

    const Settings settings_;
    Log& log_;
    const ListenAddress address_;
    const PluginCatalog plugins_;
    ReaderPool readers_;
    HistoryEvents events_;
    const Tokens tokens_;
    ListChanges list_changes_;  // the owner's history notes them
    api::StageTally stage_tally_;
    Owner owner_;
    StreamHub& hub_;
    ListStreams list_streams_;
    AccountStore accounts_;
    ApiTokenStore api_tokens_;
    AuditStore audit_;
    api::AuditWatch audit_watch_;
    PasswordHasher hasher_;
    std::optional<std::string> first_password_;
    const std::unique_ptr<AttemptLog> attempts_;
    SignIn sign_in_;
    api::SignInGate gate_;
    PipelineShelf pipelines_;
    BatchQueue queue_;
    const std::unique_ptr<RedisKeys> redis_keys_;  // null without Redis
    ReviewWatch reviews_;
    BatchIntake intake_;
    UploadDesk uploads_;
    std::atomic<bool> draining_ = false;

    const api::CorsPolicy cors_;
    const api::OwnHost own_host_;
    std::atomic<bool> proxy_noted_ = false;
    http::Router router_;
    api::ApiRoutes routes_;
    api::RequestTally tally_{routes_};
    const api::ProgressSources progress_;
    const api::AuthParts auth_;
    const api::AccountParts account_;
    const api::QuotaParts quota_;
    const api::BatchParts batches_;
    const api::UploadParts upload_parts_;
    PictureDesk pictures_;
    PictureDesk sources_;  // sheets for workers, so that people do not wait behind them
    const api::FileParts files_;
    const api::WorkerWatch worker_watch_;
    const api::OperationParts operations_;
    const api::SystemParts system_;
    const api::WorkParts work_;
    std::unique_ptr<http::Front> front_;
    std::unique_ptr<WorkOffers> work_offers_;  // null without Redis
    std::unique_ptr<Replay> replay_;           // null if nothing is replayed
    std::jthread house_;                       // last: it uses all of the above
};

}  // namespace sheafline
