// A tus client that sends exactly what a test specifies, and whose connection breaks as networks
// break it.
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
    reset,    // RST: sent bytes may be lost
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
    // A silent connection stays open while `silent` exists.
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

// Sends the rest of an upload. A cut request may still be in progress: then the answer is 409, and
// the client asks for the offset again, as tus clients do.
Reply sendRest(const RunningServer& server, const std::string& id, const std::string& bytes,
               const Headers& who);

// Waits until the batch has its archive, and returns it.
std::string archiveOf(const Site& site, const std::string& id);

}  // namespace sheafline::test
