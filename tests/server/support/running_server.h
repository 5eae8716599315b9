// A folder with pipelines of probes, and the real program, which serves it on a free port. Every
// answer to its client is compared with the server's own description of the API. If the variable
// SHEAFLINE_TEST_SERVERS is 3, three servers behind a proxy take its place (tests/many_servers).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api_document.h"
#include "http_client.h"
#include "program.h"
#include "shared_servers.h"
#include "temporary_folder.h"

namespace sheafline::test {

// Pipelines `squares` (40 sheets, out.csv), `slow`, `waits`, `fails`; and those that take a file:
// `unpack`, a ZIP, and `keep`, anything.
struct Site {
    TemporaryFolder folder{};

    Site();
    // A ZIP of a number of sample sheets.
    std::string archive(int sheets) const;
};

class RunningServer {
 public:
    explicit RunningServer(const Site& site, const std::string& port = "0",
                           const std::map<std::string, std::string>& environment = {},
                           const std::vector<std::string>& arguments = {});

    const HttpClient& client() const { return client_; }
    SharedServers* shared() const { return shared_.get(); }  // null: one server
    const ApiDocument& document() const { return *client_.document(); }
    Program& program() { return shared_ ? shared_->server(0) : *program_; }
    const Program& program() const { return shared_ ? shared_->server(0) : *program_; }
    std::vector<int> pids() const;  // of all servers
    double cpuSeconds() const;      // of all servers together
    double peakMegabytes() const;   // of the largest server
    int portNumber() const { return std::stoi(port()); }
    std::string port() const { return client_.url().substr(client_.url().rfind(':') + 1); }
    std::string firstPassword() const;

    Reply login(const std::string& user, const std::string& password) const;
    Headers signIn(const std::string& user, const std::string& password) const;
    Headers signInAdmin() const { return signIn("admin", firstPassword()); }
    // An operator, unless the role is another; signed in.
    Headers addUser(const std::string& name, const Headers& admin,
                    const std::string& role = "operator") const;
    Reply post(const std::string& path, const std::string& json, Headers headers) const;
    std::string create(const std::string& pipeline, const Headers& who) const;
    std::vector<StreamedEvent> stream(const std::string& batch, const Headers& headers) const;
    std::size_t streams() const;  // that all servers have open, as their metrics say
    bool waitForStage(const std::string& batch, const std::string& stage, const Headers& who) const;

    // tus: creates a batch of `keep` without its archive; returns its id.
    std::string openUpload(std::size_t length, const Headers& who, const Headers& more = {}) const;
    Reply patch(const std::string& id, std::size_t offset, const std::string& bytes,
                const Headers& who, const Headers& more = {}) const;
    Reply headOf(const std::string& id, const Headers& who) const;
    std::size_t offsetOf(const std::string& id, const Headers& who) const;

 private:
    std::unique_ptr<SharedServers> shared_;  // null: one server
    std::unique_ptr<Program> program_;       // null: several servers
    HttpClient client_;
};

std::string at(const std::string& batch, const std::string& what);  // its path
// The path, in the folder of the site, of a file of batches or uploads: "batches/ID/archive.zip".
std::string stored(const std::string& file);
Headers with(Headers headers, const Headers& more);
double cpuSecondsOf(int pid);
double peakMegabytesOf(int pid);
inline constexpr const char* kPassword = "a long password";  // of every user that a test adds

}  // namespace sheafline::test
