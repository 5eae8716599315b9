// A certificate authority with certificates for a server and a client, made by openssl(1) for a
// test.
#pragma once

#include <string>

#include "temporary_folder.h"

namespace sheafline::test {

class TlsCertificates {
 public:
    // The server's certificate is for `names`: "IP:127.0.0.1,DNS:localhost".
    explicit TlsCertificates(const std::string& names = "IP:127.0.0.1");

    // Each is a file: ca.pem, server.pem, server.key, client.pem, client.key, other-ca.pem.
    std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
    void sign(const std::string& name, const std::string& extension) const;

    const TemporaryFolder folder_{};
};

}  // namespace sheafline::test
