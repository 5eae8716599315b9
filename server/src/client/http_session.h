// Connections to other HTTP servers, with TLS for https. The certificate must be signed by a known
// authority and name the host.
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

}  // namespace sheafline
