#include "tls_session.h"

#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sheafline::redis {

namespace {

std::string lastReason() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "unknown reason" : reason;
}

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
    void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

[[noreturn]] void rejectFile(const char* what, const std::string& file) {
    throw TlsError(std::string("cannot use the ") + what + " " + file + ": " + lastReason());
}

Context contextWith(const TlsFiles& files) {
    ERR_clear_error();
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) throw TlsError("cannot start TLS: " + lastReason());
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (files.ca.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    } else if (SSL_CTX_load_verify_file(context.get(), files.ca.c_str()) != 1) {
        rejectFile("file of certificate authorities", files.ca);
    }
    if (files.certificate.empty()) return context;
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
        rejectFile("client certificate", files.certificate);
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
        rejectFile("key of the client certificate", files.key);
    return context;
}

}  // namespace

struct TlsSession::Parts {
    explicit Parts(const TlsFiles& files) : context(contextWith(files)) {}

    Context context;
    std::unique_ptr<SSL, FreeSession> session{SSL_new(context.get())};
    BIO* incoming = BIO_new(BIO_s_mem());  // both are owned by the session
    BIO* outgoing = BIO_new(BIO_s_mem());
};

TlsSession::TlsSession(const std::string& host, const TlsFiles& files)
    : host_(host), parts_(std::make_unique<Parts>(files)) {
    SSL* session = parts_->session.get();
    BIO_set_mem_eof_return(parts_->incoming, -1);  // empty means: more may come
    SSL_set_bio(session, parts_->incoming, parts_->outgoing);
    X509_VERIFY_PARAM* checks = SSL_get0_param(session);
    if (X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) != 1) {
        X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        SSL_set1_host(session, host.c_str());
        std::string name = host;
        SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    }
    ERR_clear_error();
    SSL_set_connect_state(session);
}

TlsSession::~TlsSession() = default;

// After a call with that result. Throws where it is an error.
bool TlsSession::needsBytes(int result) {
    SSL* session = parts_->session.get();
    const int kind = SSL_get_error(session, result);
    if (kind == SSL_ERROR_WANT_READ) return true;
    if (kind == SSL_ERROR_ZERO_RETURN) return false;
    const long verified = SSL_get_verify_result(session);
    if (verified != X509_V_OK) {
        ERR_clear_error();
        throw TlsError(std::string("its certificate is rejected: ") +
                       X509_verify_cert_error_string(verified) + "; check the option ca");
    }
    throw TlsError("TLS fails: " + lastReason() +
                   "; check that the port speaks TLS, and whether a client certificate is needed");
}

bool TlsSession::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(parts_->session.get());
    if (result == 1) return true;
    if (!needsBytes(result)) throw TlsError("the TLS handshake was ended by the server");
    return false;
}

std::optional<std::size_t> TlsSession::read(void* buffer, std::size_t size) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(parts_->session.get(), buffer, size, &count);
    if (result == 1) return count;
    return needsBytes(result) ? std::nullopt : std::optional<std::size_t>(0);
}

void TlsSession::write(const void* bytes, std::size_t size) {
    ERR_clear_error();
    std::size_t count = 0;
    if (SSL_write_ex(parts_->session.get(), bytes, size, &count) != 1 || count != size)
        throw TlsError("TLS cannot send: " + lastReason());
}

bool TlsSession::readable() {
    char one = 0;
    const bool yes = SSL_peek(parts_->session.get(), &one, 1) == 1;
    ERR_clear_error();  // a real error shows up again at the next read()
    return yes;
}

void TlsSession::receive(std::string_view encrypted) {
    BIO_write(parts_->incoming, encrypted.data(), static_cast<int>(encrypted.size()));
}

std::string TlsSession::takeOutgoing() {
    std::string bytes;
    std::array<char, 16'384> piece{};
    while (true) {
        const int count = BIO_read(parts_->outgoing, piece.data(), static_cast<int>(piece.size()));
        if (count <= 0) return bytes;
        bytes.append(piece.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace sheafline::redis
