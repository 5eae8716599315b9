#include "client/tus_upload.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include <Poco/Base64Encoder.h>

#include <sheafline/error.h>

#include "client/patience.h"
#include "uploads/checksum.h"

namespace sheafline {

namespace {

// A piece counts only when all of it arrived, so pieces are small while connections are lost.
constexpr std::uint64_t kSmallestPiece = std::uint64_t{256} << 10U;
constexpr std::uint64_t kLargestPiece = std::uint64_t{16} << 20U;

std::uint64_t numberOf(const HttpAnswer& answer, const std::string& field) {
    const auto found = answer.fields.find(field);
    std::uint64_t number = 0;
    if (found != answer.fields.end()) {
        const std::string& text = found->second;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
        if (parsed.ec == std::errc()) return number;
    }
    throw Error(ErrorClass::permanent, "BAD_ANSWER", "the server's answer lacks " + field);
}

std::string checksumOf(const std::string& bytes) {
    Digest digest(ChecksumAlgorithm::sha256);
    digest.add(bytes);
    std::ostringstream text;
    Poco::Base64Encoder encoder(text);
    encoder << digest.take();
    encoder.close();
    return "sha256 " + text.str();
}

class Sender {
 public:
    Sender(const RemoteServer& server, const std::string& batch_id, const UploadSource& source,
           const std::function<void(std::uint64_t)>& sent)
        : server_(server), batch_id_(batch_id), source_(source), sent_(sent) {}

    void run() {
        auto offset = offsetOfServer();
        while (offset && *offset < source_.size_bytes) {
            sent_(*offset);
            try {
                offset = sendPiece(*offset);
                patience_.renew();
            } catch (const Error& error) {
                if (error.errorClass() != ErrorClass::transient) throw;
                std::cerr << error.what()
                          << "; the upload continues with the bytes that have arrived\n";
                piece_ = std::max(piece_ / 2, kSmallestPiece);
                offset = offsetAfter(error);
            }
        }
        sent_(source_.size_bytes);
    }

 private:
    std::string path() const { return "/api/uploads/" + batch_id_; }

    std::optional<std::uint64_t> offsetAfter(const Error& first) {
        Error error = first;
        while (true) {
            patience_.wait(error);
            try {
                return offsetOfServer();
            } catch (const Error& again) {
                if (again.errorClass() != ErrorClass::transient) throw;
                error = again;
            }
        }
    }

    // Empty when the server accepts no more bytes: it has all, or the batch has ended.
    std::optional<std::uint64_t> offsetOfServer() const {
        const HttpAnswer answer = server_.send(
            {.method = "HEAD", .path = path(), .fields = {{"Tus-Resumable", "1.0.0"}}});
        if (answer.status == 404 || answer.status == 410) {
            requireBatch();
            return std::nullopt;
        }
        if (answer.status != 200) throwRejection(answer);
        const std::uint64_t length = numberOf(answer, "upload-length");
        if (length != source_.size_bytes) {
            throw ConfigError(source_.file.string() + " has " + std::to_string(source_.size_bytes) +
                              " bytes, but the upload of " + batch_id_ + " began with a file of " +
                              std::to_string(length) + " bytes; name that file");
        }
        return numberOf(answer, "upload-offset");
    }

    void requireBatch() const {
        const HttpAnswer answer = server_.send({.path = "/api/batches/" + batch_id_});
        if (answer.status != 200) throwRejection(answer);
    }

    std::optional<std::uint64_t> sendPiece(std::uint64_t offset) {
        const std::string bytes = read(offset);
        const HttpAnswer answer =
            server_.send({.method = "PATCH",
                          .path = path(),
                          .fields = {{"Tus-Resumable", "1.0.0"},
                                     {"Content-Type", "application/offset+octet-stream"},
                                     {"Upload-Offset", std::to_string(offset)},
                                     {"Upload-Checksum", checksumOf(bytes)}},
                          .body = bytes,
                          .on_sent = [&](std::size_t size) { sent_(offset + size); }});
        if (answer.status == 204) {
            piece_ = std::min(piece_ * 2, kLargestPiece);
            return numberOf(answer, "upload-offset");
        }
        if (answer.status == 404 || answer.status == 410) return offsetOfServer();
        // Another request was faster, or bytes were damaged in transit.
        if (answer.status == 409 || answer.status == 460) {
            throw Error(ErrorClass::transient, "SERVER_UNREACHABLE",
                        answer.status == 409 ? "the server expects another part of the upload"
                                             : "a piece arrived damaged");
        }
        throwRejection(answer);
    }

    std::string read(std::uint64_t offset) const {
        std::string bytes(std::min(piece_, source_.size_bytes - offset), '\0');
        std::ifstream in(source_.file, std::ios::binary);
        in.seekg(static_cast<std::streamoff>(offset));
        if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
            throw ConfigError(source_.file.string() + " can no longer be read");
        return bytes;
    }

    const RemoteServer& server_;
    const std::string& batch_id_;
    const UploadSource& source_;
    const std::function<void(std::uint64_t)>& sent_;
    Patience patience_{};
    std::uint64_t piece_ = std::uint64_t{4} << 20U;
};

}  // namespace

void uploadTo(const RemoteServer& server, const std::string& batch_id, const UploadSource& source,
              const std::function<void(std::uint64_t)>& sent) {
    Sender(server, batch_id, source, sent).run();
}

}  // namespace sheafline
