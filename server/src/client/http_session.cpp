#include "client/http_session.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPSClientSession.h>

namespace sheafline {

using Poco::Net::Context;

std::unique_ptr<Poco::Net::HTTPClientSession> httpSession(const std::string& host,
                                                          std::uint16_t port, bool https,
                                                          const TlsFiles& files) {
    if (!https) return std::make_unique<Poco::Net::HTTPClientSession>(host, port);
    constexpr int kChain = 9;
    const bool machine_authorities = files.ca.empty();
    Context::Ptr context(new Context(Context::TLS_CLIENT_USE, files.key, files.certificate,
                                     files.ca, Context::VERIFY_STRICT, kChain,
                                     machine_authorities));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return std::make_unique<Poco::Net::HTTPSClientSession>(host, port, context);
}

}  // namespace sheafline
