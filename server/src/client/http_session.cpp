#include "client/http_session.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPSClientSession.h>

#include "crypto/open_ssl.h"

namespace sheafline {

using Poco::Net::Context;

namespace {

template <typename Session>
class AnswerFirst : public Session {
 public:
    using Session::Session;

 protected:
    int write(const char* buffer, std::streamsize length) override {
        if (!failed_) {
            try {
                return Session::write(buffer, length);
            } catch (const Poco::IOException&) {  // also errors of the network and of TLS
                failed_ = true;
                this->clearException();
            }
        }
        return static_cast<int>(length);
    }

 private:
    bool failed_ = false;
};

}  // namespace

std::unique_ptr<Poco::Net::HTTPClientSession> httpSession(const std::string& host,
                                                          std::uint16_t port, bool https,
                                                          const TlsFiles& files) {
    if (!https) return std::make_unique<AnswerFirst<Poco::Net::HTTPClientSession>>(host, port);
    keepOpenSsl();
    constexpr int kChain = 9;
    const bool machine_authorities = files.ca.empty();
    Context::Ptr context(new Context(Context::TLS_CLIENT_USE, files.key, files.certificate,
                                     files.ca, Context::VERIFY_STRICT, kChain,
                                     machine_authorities));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return std::make_unique<AnswerFirst<Poco::Net::HTTPSClientSession>>(host, port, context);
}

bool hasAnswered(Poco::Net::HTTPClientSession& session) {
    return !session.secure() &&
           session.socket().poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ);
}

}  // namespace sheafline
