// An HTTP client for tests of the running program.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api_document.h"

namespace sheafline::test {

struct Reply {
    int status = 0;
    std::map<std::string, std::string> headers{};  // names in lower case
    std::string body{};
};

using Headers = std::map<std::string, std::string>;

class HttpClient {
 public:
    static constexpr std::chrono::seconds kPatience{60};

    // Throws Poco::TimeoutException where an answer takes longer than the patience.
    explicit HttpClient(std::string url, std::chrono::seconds patience = kPatience)
        : url_(std::move(url)), patience_(patience) {}

    const std::string& url() const { return url_; }
    // From now on, an answer that differs from this description throws.
    void describe(const std::string& openapi) {
        document_ = std::make_shared<const ApiDocument>(openapi);
    }
    const ApiDocument* document() const { return document_.get(); }
    Reply send(const std::string& method, const std::string& path, const std::string& body = {},
               const Headers& headers = {}) const;
    Reply get(const std::string& path, const Headers& headers = {}) const {
        return send("GET", path, {}, headers);
    }

 private:
    std::string url_;
    std::chrono::seconds patience_;
    std::shared_ptr<const ApiDocument> document_{};  // copies of a client share it
};

struct StreamedEvent {
    std::string name{};
    std::string id{};
    std::string data{};
};

// The events in the text of a stream, without an incomplete last one.
std::vector<StreamedEvent> streamedEvents(const std::string& text);
// What `curl -N` shows of a stream until the server closes it; `begun` is set when the first bytes
// arrive.
std::vector<StreamedEvent> curlStream(const std::string& url, const Headers& headers = {},
                                      std::atomic<bool>* begun = nullptr);
std::string value(const std::string& json, const std::string& key);  // of the first such key

}  // namespace sheafline::test
