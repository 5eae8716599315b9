#include "tls_certificates.h"

#include "child_server.h"

namespace sheafline::test {

namespace {

std::string quoted(const std::string& text) { return "'" + text + "'"; }

void makeAuthority(const std::string& key, const std::string& certificate) {
    outputOf(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj '/CN=Test authority' -keyout " +
        quoted(key) + " -out " + quoted(certificate) + " 2>&1");
}

}  // namespace

TlsCertificates::TlsCertificates(const std::string& names) {
    makeAuthority(file("ca.key"), file("ca.pem"));
    makeAuthority(file("other-ca.key"), file("other-ca.pem"));
    sign("server", "subjectAltName=" + names);
    sign("client", "extendedKeyUsage=clientAuth");
}

void TlsCertificates::sign(const std::string& name, const std::string& extension) const {
    outputOf("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" +
             name + " -keyout " + quoted(file(name + ".key")) + " -out " +
             quoted(file(name + ".csr")) + " 2>&1");
    folder_.write(name + ".ext", extension + "\n");
    outputOf("openssl x509 -req -days 2 -in " + quoted(file(name + ".csr")) + " -CA " +
             quoted(file("ca.pem")) + " -CAkey " + quoted(file("ca.key")) +
             " -CAcreateserial -extfile " + quoted(file(name + ".ext")) + " -out " +
             quoted(file(name + ".pem")) + " 2>&1");
}

}  // namespace sheafline::test
