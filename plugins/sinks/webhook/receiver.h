// The receiver of a webhook: an http:// or https:// URL to which one message after the other is
// posted. One thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sheafline::webhook {

struct ReceiverOptions {
    std::string url{};
    std::chrono::milliseconds timeout{5'000};  // for connecting, and for each wait for bytes
    bool allow_private = false;                // addresses that are not on the public internet
    std::filesystem::path ca_file{};           // empty: the authorities of the machine
};

using Fields = std::vector<std::pair<std::string, std::string>>;

class Receiver {
 public:
    // Throws Error (WEBHOOK_URL) for a URL that cannot be used.
    explicit Receiver(ReceiverOptions options);

    // Returns when the receiver has answered with a status from 200 to 299. Throws Error:
    // WEBHOOK_ADDRESS for an address that is not allowed, WEBHOOK_REJECTED for another status,
    // WEBHOOK_UNREACHABLE without an answer. All are transient: the message is sent again.
    void post(const std::string& body, const Fields& fields) const;

 private:
    ReceiverOptions options_;
    std::string host_;
    unsigned short port_ = 0;
    bool https_ = false;
    std::string target_;  // path and query
};

}  // namespace sheafline::webhook
