// Poco's response with the checks that the front guarantees: no header with CR, LF or another
// control code, no chunks for HTTP/1.0, and no answer without framing for HTTP/1.1.
#pragma once

#include <Poco/Net/HTTPServerResponseImpl.h>

#include "http/message/problem.h"

namespace sheafline::http {

class CheckedResponse : public Poco::Net::HTTPServerResponseImpl {
 public:
    using HTTPServerResponseImpl::HTTPServerResponseImpl;

    // These throw std::invalid_argument for a header that must not be sent.
    std::ostream& send() override;
    void sendFile(const std::string& path, const std::string& media_type) override;
    void sendBuffer(const void* buffer, std::size_t length) override;
    void redirect(const std::string& uri, HTTPStatus status) override;
    void requireAuthentication(const std::string& realm) override;
    void sendContinue() override {}  // the front has already sent it

    void sendProblem(const Problem& problem, const Fields& always);

 private:
    void check();
};

}  // namespace sheafline::http
