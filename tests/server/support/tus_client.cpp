#include "tus_client.h"

#include <algorithm>
#include <sys/socket.h>

#include <catch2/catch.hpp>

namespace sheafline::test {

using http::test::RawClient;

TusPatch::TusPatch(const RunningServer& server, const std::string& id, std::size_t offset,
                   std::size_t length, const Headers& who)
    : client_(std::make_unique<RawClient>(static_cast<std::uint16_t>(server.portNumber()))) {
    client_->send("PATCH /api/uploads/" + id +
                  " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: " +
                  std::to_string(offset) + "\r\nContent-Length: " + std::to_string(length) +
                  "\r\nContent-Type: application/offset+octet-stream\r\nAuthorization: " +
                  who.at("Authorization") + "\r\n\r\n");
}

void TusPatch::cut(Cut kind, std::vector<std::unique_ptr<RawClient>>& silent) {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    if (kind == Cut::reset)
        ::setsockopt(client_->fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (kind == Cut::finish) client_->endSending();
    if (kind == Cut::silence) silent.push_back(std::move(client_));
    client_.reset();
}

std::string randomBytes(std::size_t size, std::mt19937& random) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; i += 4) {
        auto word = static_cast<std::uint32_t>(random());
        for (std::size_t k = i; k < std::min(size, i + 4); ++k, word >>= 8U)
            bytes[k] = static_cast<char>(word & 255U);
    }
    return bytes;
}

std::string uploadWithCuts(const RunningServer& server, const Headers& who,
                           const std::string& bytes, int cuts, std::mt19937& random) {
    std::string id = server.openUpload(bytes.size(), who);
    std::vector<std::unique_ptr<RawClient>> silent;
    std::size_t offset = 0;
    std::size_t sent = 0;
    for (int i = 0; i < cuts; ++i) {
        const std::size_t left = bytes.size() - offset;
        const std::size_t piece =
            std::min(left - 1, random() % (2 * left / static_cast<std::size_t>(cuts - i)) + 1);
        TusPatch patch(server, id, offset, left, who);
        patch.send(std::string_view(bytes).substr(offset, piece));
        if (silent.size() > 20) silent.clear();
        patch.cut(static_cast<Cut>(random() % 3), silent);
        sent = std::max(sent, offset + piece);  // also by an earlier request that was cut
        const std::size_t now = server.offsetOf(id, who);
        INFO("cut " << i << " after " << offset << " + " << piece << ": at " << now);
        REQUIRE(now >= offset);
        REQUIRE(now <= sent);
        offset = now;
    }
    const Reply last = sendRest(server, id, bytes, who);
    INFO(last.body);
    REQUIRE(last.status == 204);
    return id;
}

Reply sendRest(const RunningServer& server, const std::string& id, const std::string& bytes,
               const Headers& who) {
    Reply reply;
    for (int attempt = 0; attempt < 3 && reply.status != 204; ++attempt) {
        const std::size_t offset = server.offsetOf(id, who);
        reply = server.patch(id, offset, bytes.substr(offset), who);
        if (reply.status != 409) break;
    }
    return reply;
}

std::string archiveOf(const Site& site, const std::string& id) {
    const std::string name = stored("batches/" + id + "/archive.zip");
    REQUIRE(eventually([&] { return std::filesystem::exists(site.folder / name); }));
    return site.folder.read(name);
}

}  // namespace sheafline::test
