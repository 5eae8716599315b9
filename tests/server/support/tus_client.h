// A tus client that sends what a test wants and no more, and is cut as networks cut.
#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "http/raw_client.h"
#include "running_server.h"

namespace sheafline::test {

enum class Cut {
    reset,    // RST: what was on its way may be lost
    finish,   // FIN in the middle of the body
    silence,  // no more bytes, without an end of the connection
};

// One PATCH whose body is sent piece by piece.
class TusPatch {
 public:
    TusPatch(const RunningServer& server, const std::string& id, std::size_t offset,
             std::size_t length, const Headers& who);

    bool send(std::string_view bytes) { return client_->send(bytes); }
    std::string reply() { return client_->readReply(); }
    int status() { return http::test::statusOf(reply()); }
    // A silent connection stays open as long as `silent` does.
    void cut(Cut kind, std::vector<std::unique_ptr<http::test::RawClient>>& silent);

 private:
    std::unique_ptr<http::test::RawClient> client_;
};

std::string randomBytes(std::size_t size, std::mt19937& random);

// Sends `bytes` with this many cuts of all kinds at random places, and asks HEAD after each for the
// offset. Each HEAD answers within 2 s, and its offset never decreases. Returns the id of the
// batch.
std::string uploadWithCuts(const RunningServer& server, const Headers& who,
                           const std::string& bytes, int cuts, std::mt19937& random);

// The rest of an upload from where it is. A request that was cut may still have been on its way
// when it was asked: then the answer is 409, and it is asked again, as tus clients do.
Reply sendRest(const RunningServer& server, const std::string& id, const std::string& bytes,
               const Headers& who);

// The archive as the batch got it; waits until it did.
std::string archiveOf(const Site& site, const std::string& id);

}  // namespace sheafline::test
