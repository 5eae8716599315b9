// Files in PEM format for TLS with other hosts. Empty: the certificate authorities of the machine
// (SSL_CERT_FILE and SSL_CERT_DIR name others), no client certificate.
#pragma once

#include <string>

namespace sheafline {

struct TlsFiles {
    std::string ca{};           // certificate authorities, instead of the machine's
    std::string certificate{};  // client certificate, with its chain
    std::string key{};          // private key of the client certificate
};

}  // namespace sheafline
