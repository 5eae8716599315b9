// A batch whose server is lost at a fault point, and which the server that stands by takes over. A
// client takes it from its upload through a review and two applies of decisions to its end, as a
// person and a browser do. One thread, and one for the stream of the first server.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "takeover/takeover_site.h"

namespace sheafline::test {

enum class Loss { killed, stopped };  // a stopped server continues after the takeover

struct FaultPass {
    std::string point{};  // "batch/csv.chunk"
    long pass = 1;
    Loss loss = Loss::killed;
};

class ServedBatch {
 public:
    // Without a fault, no server is lost. Runs the batch to its end; throws if that fails.
    ServedBatch(TakeoverSite& site, std::optional<FaultPass> fault);
    ~ServedBatch();
    ServedBatch(const ServedBatch&) = delete;
    ServedBatch& operator=(const ServedBatch&) = delete;

    bool takenOver() const { return taken_over_; }
    // How often processes of the first server have passed each point.
    std::map<std::string, long> passes() const;
    // The CSV and the rows in the database. Equal for all batches of the site.
    std::string result() const;
    // What is wrong in the streams, the sinks, the leases and the store; empty if nothing.
    std::string mistakes() const;

 private:
    using Done = std::function<bool()>;

    void upload();
    void decide(const std::string& decisions, const std::string& state,
                const std::string& execution);
    void waitFor(const std::string& state, const std::string& execution);
    void waitForSinks();
    Reply ask(const std::string& method, const std::string& path, const std::string& body,
              const Headers& headers, std::initializer_list<int> statuses);
    // Repeats it while the server may change; throws after a long time.
    void persist(const std::string& what, const Done& done);
    void takeOverIfDue();
    bool due() const;
    void loseStopped();
    const LosableServer& server() const { return taken_over_ ? site_.standby() : *first_; }
    std::string get(const std::string& what) const;
    std::string sql(const std::string& select) const;
    std::string withoutId(std::string text) const;
    std::vector<std::string> artifacts(const std::string& table) const;
    std::string wrongFiles() const;

    TakeoverSite& site_;
    const std::optional<FaultPass> fault_;
    const std::string name_;
    const std::filesystem::path passes_;
    std::unique_ptr<LosableServer> first_{};
    std::string id_{};
    bool taken_over_ = false;
    long lost_epoch_ = 0;                        // of the first server
    std::vector<std::string> lost_artifacts_{};  // all of them when it was lost
    std::vector<StreamedEvent> first_stream_{};  // used by the thread until it has ended
    std::jthread first_client_{};
};

}  // namespace sheafline::test
