#include "takeover/served_batch.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <Poco/Exception.h>

namespace sheafline::test {

namespace {

namespace fs = std::filesystem;

// More than any server passes a point until it listens.
constexpr std::uintmax_t kStartPasses = 1'000'000;

std::string nextName() {
    static int count = 0;
    return "first-" + std::to_string(++count);
}

// "batch/csv.chunk" as a file of SHEAFLINE_FAULT_COUNT
std::string fileOf(std::string point) {
    std::ranges::replace(point, '/', '.');
    return point;
}

Headers with(Headers headers, const Headers& more) {
    headers.insert(more.begin(), more.end());
    return headers;
}

std::vector<std::string> dataOf(const std::vector<StreamedEvent>& events) {
    std::vector<std::string> data;
    for (const StreamedEvent& event : events) data.push_back(event.data);
    return data;
}

std::string difference(const std::string& what, const std::vector<std::string>& found,
                       const std::vector<std::string>& expected) {
    if (found == expected) return {};
    const auto at = std::ranges::mismatch(found, expected);
    const auto line = [](auto it, auto end) { return it == end ? "the end" : *it; };
    return what + " differ at " + std::to_string(at.in1 - found.begin() + 1) + ": " +
           line(at.in1, found.end()) + "\n  instead of " + line(at.in2, expected.end()) + "\n";
}

}  // namespace

ServedBatch::ServedBatch(TakeoverSite& site, std::optional<FaultPass> fault)
    : site_(site),
      fault_(std::move(fault)),
      name_(nextName()),
      passes_(site.folder() / (name_ + ".passes")) {
    fs::create_directory(passes_);
    LosableServer::Environment environment{{"SHEAFLINE_FAULT_COUNT", passes_}};
    if (fault_) {
        environment["SHEAFLINE_FAULT"] =
            fault_->point + ":" + std::to_string(fault_->pass) + ":stop";
        site_.folder().write(name_ + ".passes/" + fileOf(fault_->point), "");
        fs::resize_file(passes_ / fileOf(fault_->point), kStartPasses);
    }
    site_.occupyStandby();
    first_ = site_.start(name_, environment);
    site_.giveRedisTo(*first_);
    // From here on, passes count.
    for (const auto& entry : fs::directory_iterator(passes_)) fs::resize_file(entry.path(), 0);

    upload();
    waitFor("reviewing", "1");
    decide(R"([{"sheet":1,"field":"q1","value":"C"},{"continue":true}])", "reviewing", "1");
    waitFor("completed", "1");
    decide(R"([{"sheet":2,"field":"q1","value":"D"},{"sheet":3,"read_again":true}])", "completed",
           "1");
    waitFor("completed", "2");
    waitForSinks();
    first_client_.join();
}

ServedBatch::~ServedBatch() {
    first_->lose();
    site_.endLeasesOf(*first_);
}

void ServedBatch::upload() {
    const Headers key =
        with(site_.admin(), {{"Content-Type", "application/json"}, {"Idempotency-Key", name_}});
    const std::string& bytes = site_.archive();
    id_ = value(ask("POST", "/api/batches",
                    R"({"pipeline":")" + std::string(TakeoverSite::kPipeline) +
                        R"(","filename":"b.zip","length":)" + std::to_string(bytes.size()) + "}",
                    key, {200, 201})
                    .body,
                "batch_id");
    first_client_ = std::jthread([this, url = first_->url()] {
        first_stream_ = curlStream(url + "/api/batches/" + id_ + "/stream", site_.admin());
    });
    const Headers tus = with(site_.admin(), {{"Tus-Resumable", "1.0.0"}});
    const std::size_t half = bytes.size() / 2;
    persist("upload", [&] {
        const Reply head = ask("HEAD", "/api/uploads/" + id_, "", tus, {200});
        const std::size_t offset = std::stoull(head.headers.at("upload-offset"));
        if (offset == bytes.size()) return true;
        const std::size_t end = offset < half ? half : bytes.size();
        ask("PATCH", "/api/uploads/" + id_, bytes.substr(offset, end - offset),
            with(tus, {{"Upload-Offset", std::to_string(offset)},
                       {"Content-Type", "application/offset+octet-stream"}}),
            {204, 409, 410, 423});
        return false;
    });
}

// An answer may be lost with its server, so the request is repeated until the state has changed.
void ServedBatch::decide(const std::string& decisions, const std::string& state,
                         const std::string& execution) {
    persist("apply", [&] {
        const std::string status = get("/status");
        if (value(status, "state") != state || value(status, "execution") != execution) return true;
        const std::string path = "/api/batches/" + id_ + "/decisions";
        ask("POST", path, decisions, with(site_.admin(), {{"Content-Type", "application/json"}}),
            {201, 409});
        const Reply reply = ask("POST", path + "/apply", "", site_.admin(), {202, 409});
        return reply.status == 202;
    });
}

void ServedBatch::waitFor(const std::string& state, const std::string& execution) {
    persist(state, [&] {
        const std::string status = get("/status");
        const std::string now = value(status, "state");
        if (now == "failed" || now == "cancelled")
            throw std::runtime_error("the batch is " + now + ": " + status);
        return now == state && value(status, "execution") == execution;
    });
}

void ServedBatch::waitForSinks() {
    const auto count = [this] {
        return std::stoull(sql("count(*) FROM sheafline.events WHERE batch_id = ID"));
    };
    persist("sinks", [&] {
        const auto events = count();
        return site_.atReceiver(id_).size() == events && site_.inRedis(id_).size() == events &&
               linesOf(site_.folder().read("store/batches/" + id_ + "/events.jsonl")).size() ==
                   events;
    });
}

Reply ServedBatch::ask(const std::string& method, const std::string& path, const std::string& body,
                       const Headers& headers, std::initializer_list<int> statuses) {
    Reply reply;
    persist(method + " " + path, [&] {
        reply = server().client().send(method, path, body, headers);
        return std::ranges::find(statuses, reply.status) != statuses.end();
    });
    return reply;
}

void ServedBatch::persist(const std::string& what, const Done& done) {
    const bool is_done = eventually([&] {
        takeOverIfDue();
        try {
            return done();
        } catch (const Poco::Exception&) {
            return false;  // the server is lost, or stopped
        }
    });
    if (!is_done) throw std::runtime_error("no end of: " + what + "; " + get("/status"));
}

bool ServedBatch::due() const {
    std::error_code none;
    const auto passes = fs::file_size(passes_ / fileOf(fault_->point), none);
    return !none && passes >= static_cast<std::uintmax_t>(fault_->pass);
}

void ServedBatch::takeOverIfDue() {
    if (!fault_ || taken_over_ || !due()) return;
    if (fault_->loss == Loss::killed)
        first_->lose();
    else
        first_->stop();
    site_.endLeasesOf(*first_);
    const std::string epoch =
        sql("epoch FROM sheafline.leases WHERE name = 'batch/' || ID AND owner = '" + first_->id() +
            "' AND isfinite(lease_until)");
    lost_epoch_ = epoch.empty() ? 0 : std::stol(epoch);
    lost_artifacts_ = artifacts("artifacts");
    std::ranges::copy(artifacts("held_artifacts"), std::back_inserter(lost_artifacts_));
    site_.freeStandby();
    taken_over_ = true;
    if (fault_->loss == Loss::stopped) loseStopped();
}

// The server continues while the other one already runs the batch. When it knows that it has lost
// the batch, it has done all that it can do wrong.
void ServedBatch::loseStopped() {
    // The lease outlives a run by the time in which the last events are delivered.
    const std::string state = sql("state FROM sheafline.batches WHERE batch_id = ID");
    if (lost_epoch_ == 0 || state == "reviewing" || state == "completed") return first_->lose();
    const bool claimed = eventually([&] {
        return sql("owner FROM sheafline.leases WHERE name = 'batch/' || ID") ==
               site_.standby().id();
    });
    if (!claimed) throw std::runtime_error("the batch was not taken over, and is " + state);
    first_->proceed();
    first_->program().waitForLineAfter("lost the lease of batch/" + id_.substr(0, 8));
    if (!eventually([&] { return !first_->runsBatches(); }))
        throw std::runtime_error("the server that was stopped still runs the batch");
    first_->lose();
    site_.endLeasesOf(*first_);
}

std::map<std::string, long> ServedBatch::passes() const {
    std::map<std::string, long> passes;
    for (const auto& entry : fs::directory_iterator(passes_)) {
        std::string point = entry.path().filename();
        point[point.find('.')] = '/';
        if (entry.file_size() > 0) passes[point] = static_cast<long>(entry.file_size());
    }
    return passes;
}

std::string ServedBatch::get(const std::string& what) const {
    return server().client().get("/api/batches/" + id_ + what, site_.admin()).body;
}

// ID in it is the id of the batch.
std::string ServedBatch::sql(const std::string& select) const {
    std::string text = "SELECT " + select;
    for (std::size_t at = 0; (at = text.find(" ID", at)) != std::string::npos;)
        text.replace(at, 3, " '" + id_ + "'");
    return site_.query(text);
}

std::string ServedBatch::withoutId(std::string text) const {
    for (std::size_t at = 0; (at = text.find(id_, at)) != std::string::npos;)
        text.replace(at, id_.size(), "ID");
    return text;
}

std::string ServedBatch::result() const {
    return withoutId(get("/artifacts/out.csv") +
                     sql("* FROM omr_results WHERE batch_id = ID ORDER BY sheet"));
}

// "EPOCH/NAME/SHA256" of those that readers see, or of those that an apply holds back.
std::vector<std::string> ServedBatch::artifacts(const std::string& table) const {
    return linesOf(sql("epoch || '/' || name || '/' || sha256 FROM sheafline." + table +
                       " WHERE batch_id = ID"));
}

// Files of another server, damaged ones, and what nobody should leave in the store.
std::string ServedBatch::wrongFiles() const {
    const fs::path folder = site_.folder() / ("store/batches/" + id_);
    std::string wrong;
    for (const std::string& artifact : artifacts("artifacts")) {
        const auto name = artifact.find('/');
        const auto digest = artifact.rfind('/');
        const fs::path file = folder / ("epoch-" + artifact.substr(0, name)) / "artifacts" /
                              artifact.substr(name + 1, digest - name - 1);
        if (outputOf("sha256sum '" + file.string() + "' | cut -d' ' -f1") !=
            artifact.substr(digest + 1))
            wrong += file.string() + " is not the artifact " + artifact + "\n";
        if (std::stol(artifact) <= lost_epoch_ &&
            std::ranges::find(lost_artifacts_, artifact) == lost_artifacts_.end())
            wrong += artifact + " was added by a server that had lost the batch\n";
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".tmp") wrong += entry.path().string() + " was left\n";
    return wrong;
}

std::string ServedBatch::mistakes() const {
    const auto stream =
        curlStream(site_.standby().url() + "/api/batches/" + id_ + "/stream", site_.admin());
    const auto events = dataOf(stream);
    std::string all;
    const auto require = [&](bool so, const std::string& what) {
        if (!so) all += what + "\n";
    };
    for (std::size_t i = 0; i < stream.size(); ++i)
        require(stream[i].id == std::to_string(i + 1),
                "event " + stream[i].id + " is out of order");
    require(!stream.empty() && stream.back().name == "complete",
            "the stream is not complete: " + (events.empty() ? "" : events.back()));
    require(sql("count(*) || ' ' || max(seq) FROM sheafline.events WHERE batch_id = ID") ==
                std::to_string(events.size()) + " " + std::to_string(events.size()),
            "the history has other events than the stream");
    if (taken_over_ && !first_stream_.empty()) {
        auto both = events;
        both.resize(std::min(both.size(), first_stream_.size()));
        all += difference("the events from the first server", dataOf(first_stream_), both);
    }
    all += difference("the events in Redis", site_.inRedis(id_), events);
    all += difference("the events at the receiver", site_.atReceiver(id_), events);
    all +=
        difference("the events in the file",
                   linesOf(site_.folder().read("store/batches/" + id_ + "/events.jsonl")), events);
    all += wrongFiles();
    require(sql("count(*) FROM sheafline.leases WHERE name LIKE 'batch/' || ID || '%' AND owner "
                "<> '" +
                server().id() + "'") == "0",
            "the batch has a lease of another server");
    require(
        !taken_over_ ||
            sql("count(*) FROM sheafline.leases WHERE owner = '" + first_->id() + "'") == "0",
        "the lost server has leases: " + sql("string_agg(name, ' ') FROM sheafline.leases WHERE "
                                             "owner = '" +
                                             first_->id() + "'"));
    require(sql("count(*) || ' ' || count(DISTINCT sheet) FROM omr_results WHERE batch_id = ID") ==
                "60 60",
            "the table has not one row for each sheet");
    require(sql("sum(crashes) FROM sheafline.stage_runs WHERE batch_id = ID") == "0",
            "a crash was counted");
    require(sql("sum(attempt) FROM sheafline.sheets WHERE batch_id = ID") == "0",
            "an attempt of a sheet was counted");
    // A run that ended is not taken for a crash when its client asks for the next one at once.
    require(outputOf("cat '" + site_.folder().path().string() + "'/program-*.err | grep -c '" +
                     id_ + ".*process was lost' || true") == "0",
            "a server took the end of the batch's process for a crash");
    return all;
}

}  // namespace sheafline::test
