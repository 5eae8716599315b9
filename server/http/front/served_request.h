// One request from its handler's start to its answer, on handler threads. The request of a
// BodyReceiver may wait between two pieces of its body: then the loop owns the connection again,
// and run() is called again for the next piece.
#pragma once

#include <atomic>
#include <memory>

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/SocketAddress.h>

#include <sheafline/log.h>

#include "http/message/exchange.h"

namespace sheafline::http {

struct ServeSettings {
    ExchangeSettings exchange;
    Poco::Net::SocketAddress local;
    Poco::Net::HTTPServerParams::Ptr poco;
    Log& log;
};

class ServedRequest {
 public:
    ServedRequest(Connection& connection, const ServeSettings& settings);
    ~ServedRequest();
    ServedRequest(const ServedRequest&) = delete;
    ServedRequest& operator=(const ServedRequest&) = delete;

    // Returns true when it is answered, with close_after set; false if it waits for bytes. Never
    // throws.
    bool run();

 private:
    struct Session;

    bool proceed();
    bool handle();
    bool receive();
    void answer(const std::optional<Problem>& problem);
    void finish();
    std::string name() const;  // for the log

    Connection& connection_;
    const ServeSettings& settings_;
    Exchange exchange_;
    Fields always_{};
    std::unique_ptr<Session> session_{};
};

}  // namespace sheafline::http
