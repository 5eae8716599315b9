// Connections to other HTTP servers, with TLS for https. The certificate must be signed by a known
// authority and name the host. A server that rejects a body answers early and closes; Poco then
// throws the error of the write, and the answer is lost. These sessions ignore errors of writing,
// so that the answer can be read; reading reports a lost connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sheafline/redis/tls_files.h>

namespace Poco::Net {
class HTTPClientSession;
}

namespace sheafline {

std::unique_ptr<Poco::Net::HTTPClientSession> httpSession(const std::string& host,
                                                          std::uint16_t port, bool https,
                                                          const TlsFiles& files);

// Whether the other side has answered or closed, so that the rest of the body is not needed. With
// TLS always false, because a record of the protocol looks the same.
bool hasAnswered(Poco::Net::HTTPClientSession& session);

}  // namespace sheafline
