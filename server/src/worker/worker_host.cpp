#include "worker/worker_host.h"

#include <algorithm>
#include <condition_variable>
#include <random>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

#include "base/clocks.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;
using work::TakenSheet;

constexpr milliseconds kBetweenRenewals{50};  // the shortest lease is six times as long
constexpr std::size_t kHeldPerSlot = 2;       // one in use, one ready
constexpr std::size_t kMostPerSlot = 32;
constexpr milliseconds kBetweenCounts{250};

std::string hostName() {
    std::string name(256, '\0');
    if (::gethostname(name.data(), name.size()) != 0) return "host";
    name.resize(name.find('\0'));
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '-');
    return name;
}

std::string newName() {
    return hostName() + "." + std::to_string(::getpid()) + "." +
           std::to_string(std::random_device{}() % 100'000);
}

}  // namespace

WorkerHost::WorkerHost(WorkerHostOptions options, const PluginCatalog& plugins, Log& log)
    : options_(std::move(options)),
      plugins_(plugins),
      log_(log),
      key_(options_.key_file),
      name_(newName()),
      since_(utcText(wallMs())),
      desk_(kHeldPerSlot * static_cast<std::size_t>(options_.concurrency)),
      offers_(connection("offers"), key_, options_.tls) {
    for (const PluginEntry& plugin : plugins_.plugins()) {
        const PluginDescriptor& d = *plugin.descriptor;
        const bool offered =
            options_.processors.empty()
                ? d.name != kProgramRunner
                : std::ranges::find(options_.processors, d.name) != options_.processors.end();
        if (d.kind == PluginKind::processor && offered)
            processors_.emplace(std::string(d.name), std::string(d.version));
    }
    for (const std::string& name : options_.processors) {
        if (!processors_.contains(name))
            throw ConfigError("--processors: there is no processor '" + name +
                              "'; see: sheafline plugins list");
    }
    try {
        redis::Connection(connection("start")).connect();
    } catch (const redis::RedisError& error) {
        if (redis::needsOperator(error.kind())) throw;
        log_.warning(std::string("waiting for Redis: ") + error.what());
    }
    for (int i = 0; i < options_.concurrency; ++i) {
        slots_.push_back(std::make_unique<WorkSlot>(
            desk_, offers_, plugins_, options_.folder / ("slot-" + std::to_string(i)), log_));
    }
    reporter_ = std::jthread([this](const std::stop_token& stop) { report(stop); });
    taker_ = std::jthread([this](const std::stop_token& stop) { take(stop); });
}

WorkerHost::~WorkerHost() {
    drain();
    taker_ = {};
    {
        const std::lock_guard lock(mutex_);
        for (auto& [run, order] : orders_) {
            if (order.at_work) order.at_work->end();
        }
    }
    slots_.clear();
    reporter_ = {};  // sends what is left
}

redis::ConnectionOptions WorkerHost::connection(const std::string& use) const {
    return {.url = options_.redis, .name = "sheafline-worker-" + use};
}

void WorkerHost::drain() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(draining_, true)) return;
    }
    tell_now_ = true;
    desk_.close();
}

bool WorkerHost::isDone() const {
    const std::lock_guard lock(mutex_);
    return draining_ && desk_.empty();
}

void WorkerHost::pause(milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
}

void WorkerHost::complain(const redis::RedisError& error, std::string& said) {
    const std::string kind(toString(error.kind()));
    if (std::exchange(said, kind) == kind) return;
    log_.warning(std::string("waiting for Redis: ") + error.what());
}

void WorkerHost::report(const std::stop_token& stop) {
    work::WorkSource source(connection("report"), name_, options_.program, key_);
    Backoff backoff;
    std::string said;
    WorkDesk::Outbox outbox;
    while (true) {
        const bool last = stop.stop_requested();
        if (outbox.empty()) outbox = desk_.outbox(last ? Clock::now() : nextDuty());
        try {
            if (!outbox.empty()) {
                send(source, outbox);
                desk_.sent(outbox);
                outbox = {};
            }
            if (last) return source.leave();
            renewLeases(source);
            setPace();
            tell(source);
            backoff.reset();
            said.clear();
        } catch (const redis::RedisError& error) {
            complain(error, said);
            if (last) return;  // the lease runs out
            pause(backoff.next(), stop);
        }
    }
}

WorkerHost::Clock::time_point WorkerHost::nextDuty() const {
    return std::min(tell_at_, Clock::now() + kBetweenRenewals);
}

void WorkerHost::send(work::WorkSource& source, const WorkDesk::Outbox& outbox) {
    const std::vector<bool> counted =
        outbox.answers.empty() ? std::vector<bool>() : source.answer(outbox.answers);
    for (std::size_t i = 0; i < counted.size(); ++i) {
        if (!counted[i]) {
            ++late_;
            continue;
        }
        ++done_;
        if (outbox.answers[i].kind == work::WorkOutcome::Kind::failed) ++failed_;
    }
    source.giveBack(outbox.returned);
}

void WorkerHost::renewLeases(work::WorkSource& source) {
    if (Clock::now() < look_for_due_) return;
    look_for_due_ = Clock::now() + kBetweenRenewals;
    std::map<std::string, std::vector<TakenSheet>> by_run;
    std::map<std::string, milliseconds> leases;
    for (SheetInHand& sheet : desk_.held()) {
        leases[sheet.sheet.run] = sheet.order->order().lease;
        by_run[sheet.sheet.run].push_back(std::move(sheet.sheet));
    }
    std::erase_if(renew_at_, [&](const auto& run) { return !by_run.contains(run.first); });
    for (const auto& [run, sheets] : by_run) {
        auto [due, is_new] = renew_at_.try_emplace(run, Clock::now() + leases[run] / 3);
        if (Clock::now() < due->second) continue;
        const auto gone = source.renew(run, sheets);
        due->second = Clock::now() + leases[run] / 3;
        for (const TakenSheet& sheet : sheets) {
            if (std::ranges::find(gone, sheet.entry) != gone.end()) desk_.forget(sheet);
        }
    }
}

// If sheets are quick, take as many at once as are read in a hundredth of a second.
void WorkerHost::setPace() {
    const auto now = Clock::now();
    if (now - counted_ < kBetweenCounts) return;
    const std::chrono::duration<double> time = now - std::exchange(counted_, now);
    const std::uint64_t done = done_ - std::exchange(counted_done_, done_);
    const auto slots = static_cast<std::size_t>(options_.concurrency);
    const auto quick = static_cast<std::size_t>(static_cast<double>(done) / time.count() / 100);
    desk_.setPlaces(std::clamp(quick, kHeldPerSlot * slots, kMostPerSlot * slots));
}

work::WorkerRecord WorkerHost::description() const {
    work::WorkerRecord worker{.name = name_,
                              .state = "idle",
                              .program = options_.program,
                              .processors = processors_,
                              .concurrency = options_.concurrency,
                              .done = done_,
                              .failed = failed_,
                              .late = late_,
                              .rate_per_second = rate_,
                              .since = since_,
                              .heartbeat = options_.heartbeat};
    for (const SheetInHand& sheet : desk_.atWork()) {
        worker.state = "working";
        worker.sheets.push_back(
            {.batch = sheet.order->order().batch,
             .sheet = sheet.sheet.task.number,
             .attempt = sheet.sheet.task.attempt,
             .seconds = std::chrono::duration<double>(Clock::now() - sheet.since).count()});
    }
    const std::lock_guard lock(mutex_);
    if (draining_) worker.state = "draining";
    for (const auto& [run, order] : orders_) {
        const std::string why = order.at_work ? order.at_work->rejection() : order.rejection;
        if (!why.empty()) worker.rejects.push_back({.batch = work::batchOf(run), .reason = why});
    }
    return worker;
}

void WorkerHost::tell(work::WorkSource& source) {
    const auto now = Clock::now();
    if (now < tell_at_ && !tell_now_.exchange(false)) return;
    if (told_ != Clock::time_point{}) {
        rate_ = static_cast<double>(done_ - told_done_) /
                std::chrono::duration<double>(now - told_).count();
    }
    told_ = now;
    told_done_ = done_;
    source.tell(description());
    tell_at_ = now + options_.heartbeat;
}

}  // namespace sheafline
