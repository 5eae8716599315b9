#include "serving/server.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sheafline/error.h>

#include "api/routes/audit_routes.h"
#include "api/routes/catalog_routes.h"
#include "api/routes/streams/list_stream_route.h"
#include "api/routes/templates/template_routes.h"
#include "api/routes/web_routes.h"
#include "base/clocks.h"
#include "batches/sinks/redis_feed.h"
#include "serving/startup.h"
#include "serving/stream_rights.h"
#include "streams/stream_front.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds kStreamGrace{5};
constexpr seconds kStopSinkPatience{5};
constexpr seconds kTick{1};
constexpr std::size_t kWaitingSources = 64;  // a host of workers asks for that many at most
constexpr int kTicksBetweenSweeps = 60;
constexpr int kTicksBetweenDiskChecks = 5;
constexpr std::int64_t kDayMs = 24 * kHourSeconds * 1000;

std::int64_t wallSeconds() { return wallMs() / 1000; }

// For every answer: browsers must not frame our content, guess its type, or run it as a page.
http::Fields securityFields() {
    return {{"X-Content-Type-Options", "nosniff"},
            {"Referrer-Policy", "no-referrer"},
            {"X-Frame-Options", "DENY"},
            {"Cross-Origin-Opener-Policy", "same-origin"},
            {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
}

// A replay serves readers: the batch is a copy, and its files are those of the real one.
std::optional<http::Problem> changeDuringReplay(const http::RequestHead& head) {
    const bool reads = head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS";
    const bool signs_in = head.path == "/api/auth/login" || head.path == "/api/auth/logout" ||
                          head.path == "/api/auth/refresh" || head.path.ends_with("/stream-ticket");
    if (reads || signs_in) return std::nullopt;
    return http::Problem{
        .status = 409,
        .code = "REPLAY",
        .detail = "this server replays a batch and changes nothing; use a server without --replay"};
}

std::string accessLine(const http::Served& served) {
    return "request id=" + served.request_id + " client=" + served.client +
           " method=" + served.method + " path=" + served.path +
           " status=" + std::to_string(served.status) +
           " bytes=" + std::to_string(served.reply_bytes) +
           " us=" + std::to_string(served.duration.count());
}

}  // namespace

Server::Server(const Settings& settings, Log& log, const ReplayOrder& replay)
    : settings_(settings),
      log_(log),
      address_(listenAddress(settings.serve.listen)),
      plugins_(settings.plugin_folders),
      readers_(DataFolder(settings.data_folder, settings.work_folder).history()),
      events_(readers_),
      tokens_(tokensOf(settings)),
      owner_(ownerOptions(settings), plugins_, log),
      hub_(addStreamHub(owner_, plugins_)),
      list_streams_({.changes = list_changes_,
                     .readers = readers_,
                     .owner_id = owner_.identity().id,
                     .log = log}),
      accounts_(owner_.folder().database(kAccountsFile)),
      api_tokens_(owner_.folder().database(kAccountsFile)),
      audit_(owner_.folder().database(kAuditFile)),
      audit_watch_(audit_, log),
      attempts_(attemptsBeside(owner_.folder().database(kAccountsFile))),
      sign_in_(accounts_, api_tokens_, hasher_, tokens_, *attempts_, signInClocks(*attempts_),
               signInTimes(settings.serve)),
      gate_(sign_in_),
      pipelines_(settings.serve.pipelines_folder, plugins_, log, settings.serve.params),
      queue_(owner_, readers_, plugins_, settings.serve.pipeline_sinks, runLimits(settings.serve),
             log),
      redis_keys_(redisKeysOf(settings)),
      reviews_(owner_, readers_, queue_, redis_keys_.get(), log),
      intake_(owner_, pipelines_, queue_),
      uploads_(
          owner_, readers_, intake_, queue_,
          {.upload_bytes = settings.serve.upload_bytes,
           .user_bytes = settings.serve.user_bytes,
           .user_open = settings.serve.user_uploads,
           .all_bytes = settings.serve.total_bytes,
           .lifetime_seconds = settings.serve.upload_hours * kHourSeconds},
          [this](const std::string& user) { return accounts_.quotaOf(user); }, log),
      cors_(settings.serve.cors_origins),
      own_host_(address_.host, {settings.serve.worker_url}),
      router_([this, replays = !replay.batch_id.empty()](const http::RequestHead& head,
                                                         const http::Origin& origin) {
          noteProxy(origin);
          auto rejection = own_host_.reason(head, origin);
          if (!rejection && replays) rejection = changeDuringReplay(head);
          return rejection ? rejection : cors_.preflight(head);
      }),
      routes_(router_, gate_, &cors_, &audit_watch_),
      progress_{.gate = gate_,
                .readers = readers_,
                .events = events_,
                .hub = hub_,
                .owner_id = owner_.identity().id,
                .folder = &owner_.folder()},
      auth_{.sign_in = sign_in_, .gate = gate_, .readers = readers_},
      account_{.accounts = accounts_,
               .tokens = api_tokens_,
               .hasher = hasher_,
               .sign_in = sign_in_,
               .gate = gate_},
      quota_{.accounts = accounts_, .uploads = uploads_},
      batches_{.owner = owner_, .readers = readers_, .queue = queue_, .uploads = uploads_},
      upload_parts_{
          .desk = uploads_, .readers = readers_, .max_bytes = settings.serve.upload_bytes},
      pictures_(PictureLimits{}),
      sources_({.waiting = kWaitingSources}),
      files_{.folder = owner_.folder(),
             .readers = readers_,
             .plugins = plugins_,
             .pictures = pictures_},
      worker_watch_(settings.redis),
      operations_{.gate = gate_,
                  .owner = owner_,
                  .readers = readers_,
                  .queue = queue_,
                  .uploads = uploads_.store(),
                  .pictures = pictures_,
                  .hub = hub_,
                  .draining = draining_,
                  .front_stats = [this] { return front_->stats(); },
                  .list_streams = [this] { return list_streams_.clients(); },
                  .tally = &tally_,
                  .stages = stage_tally_,
                  .workers = worker_watch_},
      system_{.operations = operations_, .redis = settings.redis},
      work_{.gate = gate_,
            .tokens = tokens_,
            .folder = owner_.folder(),
            .readers = readers_,
            .sources = sources_,
            .redis = settings.redis} {
    for (const RejectedPlugin& plugin : plugins_.rejected()) log_.warning(plugin.reason);
    owner_.history().onCommit([this](const Committed& change) {
        if (change.batch_id.empty())
            list_changes_.noteMany();
        else
            list_changes_.note(change);
        stage_tally_.note(change);
        if (change.elsewhere) queue_.changedElsewhere(change);
    });
    addRoutes();
    http::FrontConfig config{.host = address_.host,
                             .port = address_.port,
                             .trusted_proxies = settings.serve.trusted_proxies,
                             .reply_fields = securityFields()};
    config.on_served = [this](const http::Served& served) {
        tally_.count(served);
        log_.info(accessLine(served));
    };
    front_ = std::make_unique<http::Front>(std::move(config), router_, log);
    // Only now: a start that cannot listen must not make an admin whose password nobody sees.
    first_password_ =
        makeFirstAdmin(accounts_, hasher_, wallSeconds(), settings.serve.admin_password_file);
    if (first_password_) audit_watch_.done("user_add", "admin");
    // Only now, because the URL of this server needs the port.
    if (!settings.redis.empty()) {
        work_offers_ = std::make_unique<WorkOffers>(redis::parseRedisUrl(settings.redis),
                                                    workerUrl(), tokens_, readers_, log_);
    }
    addRedisSink(owner_, plugins_, settings);
    if (!replay.batch_id.empty())
        replay_ = std::make_unique<Replay>(replay,
                                           Replay::Parts{.history = owner_.folder().history().file,
                                                         .owner_id = owner_.identity().id,
                                                         .hub = dynamic_cast<Sink&>(hub_),
                                                         .list = list_changes_,
                                                         .log = log});
    house_ = std::jthread([this](const std::stop_token& stop) { keepHouse(stop); });
    front_->start();
}

Server::~Server() { owner_.history().onCommit({}); }

void Server::addRoutes() {
    api::addProgressRoutes(routes_, progress_);
    api::addListStreamRoute(routes_, list_streams_);
    api::addAuthRoutes(routes_, auth_);
    api::addBatchRoutes(routes_, batches_);
    api::addDecisionRoutes(routes_, batches_);
    api::addShareRoutes(routes_, batches_, accounts_);
    api::addScoreRoutes(routes_, batches_);
    api::addCreateRoutes(routes_, upload_parts_);
    api::addUploadCreation(routes_, upload_parts_);
    api::addUploadRoutes(routes_, upload_parts_);
    api::addFileRoutes(routes_, files_);
    api::addSheetRoutes(routes_, files_);
    api::addReviewRoutes(routes_, files_);
    api::addResultRoutes(routes_, files_);
    api::addCodeRoutes(routes_, files_);
    api::addCatalogRoutes(routes_, pipelines_, plugins_);
    api::addTemplateRoutes(routes_, pipelines_.folder() / "templates");
    api::addAccountRoutes(routes_, account_);
    api::addTokenRoutes(routes_, account_);
    api::addUserRoutes(routes_, accounts_, hasher_);
    api::addQuotaRoutes(routes_, quota_);
    api::addUserSessionRoutes(routes_, accounts_);
    api::addAuditRoutes(routes_, audit_);
    api::addOperationRoutes(routes_, operations_);
    api::addSystemRoutes(routes_, system_);
    api::addWorkRoutes(routes_, work_);
    api::addDescriptionRoute(routes_);
    api::addWebRoutes(routes_);
}

// Said once: with each request it would fill the log.
void Server::noteProxy(const http::Origin& origin) {
    if (!origin.by_unknown_proxy || proxy_noted_.exchange(true)) return;
    log_.warning("a proxy at " + origin.client +
                 " forwards requests but is not in trusted-proxies: all of its clients count as "
                 "one client, and /metrics requires a sign-in; add its address to trusted-proxies");
}

std::string Server::workerUrl() const {
    return settings_.serve.worker_url.empty() ? url() : settings_.serve.worker_url;
}

std::string Server::url() const { return urlOf(address_, front_->port()); }

void Server::reload(const ServeSettings& settings) {
    pipelines_.reload();
    queue_.setLimits(runLimits(settings));
    owner_.setMostRunning(settings.max_running);
    log_.info(
        "the configuration was read again: pipelines, max-running and user-running apply at "
        "once, everything else from the next start");
}

void Server::stop(const std::function<bool()>& hurry) {
    const milliseconds grace = settings_.serve.stop_grace;
    const auto deadline = Clock::now() + grace;
    draining_ = true;
    // At the same time: clients of streams and uploads reconnect to the next server.
    std::jthread streams([this, grace] {
        list_streams_.drain();
        hub_.drain(std::min<milliseconds>(kStreamGrace, grace));
    });
    std::jthread front([this, grace] { front_->stop(grace); });
    while (!queue_.interrupt(milliseconds(100))) {
        if (Clock::now() < deadline && !hurry()) continue;
        log_.warning("batches did not stop in time; they resume from their last checkpoint");
        owner_.killAll();
        break;
    }
    if (hurry()) front_->stop(milliseconds(0));
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    owner_.drainSinks(std::clamp<milliseconds>(left, milliseconds(0), kStopSinkPatience));
}

void Server::keepHouse(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    StreamRights rights({.hub = hub_,
                         .list = list_streams_,
                         .readers = readers_,
                         .sign_in = sign_in_,
                         .owner = owner_,
                         .accounts = accounts_});
    for (int tick = 1; !stop.stop_requested(); ++tick) {
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, kTick, [] { return false; });
        try {
            const bool sweep = tick % kTicksBetweenSweeps == 1;  // the first one soon
            rights.look(sweep);
            stage_tally_.take(*readers_.take());
            if (tick % kTicksBetweenDiskChecks == 0) {
                owner_.checkDisk();
                if (owner_.diskError().empty()) queue_.resumeStopped();
                reviews_.look();
            }
            if (!sweep) continue;
            sign_in_.sweep();
            uploads_.sweep();
            if (owner_.leases() != nullptr) {
                queue_.deliverUndelivered();
                queue_.removeLeftWork();
            }
            removeOld();
            audit_.forgetBefore(wallSeconds() - settings_.serve.audit_days * (kDayMs / 1000));
        } catch (const std::exception& error) {
            log_.error(std::string("housekeeping: ") + error.what());
        }
    }
}

void Server::removeOld() {
    if (settings_.serve.keep_days == 0) return;
    const std::string before = utcText(wallMs() - settings_.serve.keep_days * kDayMs);
    for (const BatchRow& batch : readers_.take()->endedBefore(before)) {
        try {
            queue_.remove(batch.batch_id);
        } catch (const Error& error) {
            if (error.code() != "NO_SUCH_BATCH") throw;
            continue;  // another server has just removed it
        }
        log_.info("batch " + batch.batch_id + " was removed: it ended before " + before);
        audit_watch_.done("batch_delete", batch.batch_id);
    }
}

}  // namespace sheafline
