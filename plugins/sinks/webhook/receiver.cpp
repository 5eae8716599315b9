#include "receiver.h"

#include <algorithm>
#include <memory>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>

#include <sheafline/error.h>

#include "public_address.h"

namespace sheafline::webhook {

namespace {

using Poco::Net::Context;
using Poco::Net::HTTPClientSession;
using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;
using Poco::Net::SocketAddress;

constexpr int kCertificateChain = 9;

// Poco's constructor for a socket rejects one that is connected.
class TlsSession : public Poco::Net::HTTPSClientSession {
 public:
    TlsSession(const Context::Ptr& context, const Poco::Net::SecureStreamSocket& socket)
        : HTTPSClientSession(context) {
        attachSocket(socket);
    }
};

[[noreturn]] void reject(const std::string& why) {
    throw Error(
        ErrorClass::permanent, "WEBHOOK_URL",
        "the URL of the webhook " + why + "; name one such as https://example.org/sheafline");
}

[[noreturn]] void fail(const char* code, const std::string& text) {
    throw Error(ErrorClass::transient, code, text);
}

Poco::Timespan timespan(std::chrono::milliseconds time) {
    return {std::chrono::microseconds(time).count()};
}

Context::Ptr tlsContext(const std::filesystem::path& ca_file) {
    Context::Ptr context(new Context(Context::TLS_CLIENT_USE, "", "", ca_file.string(),
                                     Context::VERIFY_STRICT, kCertificateChain, ca_file.empty()));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return context;
}

// DNS::resolve() would ask for the name of an address, and then for the addresses of that name.
Poco::Net::HostEntry::AddressList addressesOf(const std::string& host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) return {address};
    return Poco::Net::DNS::hostByName(host).addresses();
}

}  // namespace

Receiver::Receiver(ReceiverOptions options) : options_(std::move(options)) {
    try {
        const Poco::URI url(options_.url);
        https_ = url.getScheme() == "https";
        if (!https_ && url.getScheme() != "http") reject("must begin with http:// or https://");
        if (url.getHost().empty()) reject("has no host");
        if (!url.getUserInfo().empty())
            reject("has a user or password, which would be in the log; use the signature");
        host_ = url.getHost();
        port_ = url.getPort();
        target_ = url.getPathAndQuery().empty() ? "/" : url.getPathAndQuery();
    } catch (const Poco::SyntaxException&) {
        reject("is malformed");
    }
}

void Receiver::post(const std::string& body, const Fields& fields) const {
    const std::string shown = host_ + ":" + std::to_string(port_);
    try {
        // The address that was checked is the one that is connected to: a name that changes between
        // the two would lead elsewhere.
        const auto addresses = addressesOf(host_);
        const auto allowed = std::ranges::find_if(addresses, [&](const auto& address) {
            return options_.allow_private || isPublicAddress(address.toString());
        });
        if (allowed == addresses.end()) {
            fail("WEBHOOK_ADDRESS",
                 shown + " is not on the public internet; set allow_private if it is meant");
        }
        const SocketAddress address(*allowed, port_);
        std::unique_ptr<HTTPClientSession> session;
        if (https_) {
            const Context::Ptr context = tlsContext(options_.ca_file);
            Poco::Net::SecureStreamSocket socket(context);
            socket.setPeerHostName(host_);
            socket.connect(address, timespan(options_.timeout));
            session = std::make_unique<TlsSession>(context, socket);
        } else {
            Poco::Net::StreamSocket socket;
            socket.connect(address, timespan(options_.timeout));
            session = std::make_unique<HTTPClientSession>(socket);
        }
        session->setTimeout(timespan(options_.timeout));
        session->socket().setSendTimeout(timespan(options_.timeout));
        session->socket().setReceiveTimeout(timespan(options_.timeout));
        HTTPRequest request(HTTPRequest::HTTP_POST, target_, HTTPRequest::HTTP_1_1);
        request.setHost(host_, port_);
        request.setContentType("application/json");
        request.setContentLength(static_cast<std::streamsize>(body.size()));
        request.setKeepAlive(false);
        for (const auto& [name, value] : fields) request.set(name, value);
        session->sendRequest(request) << body << std::flush;
        HTTPResponse response;
        session->receiveResponse(response);  // its body is not read
        const int status = response.getStatus();
        if (status < 200 || status > 299)
            fail("WEBHOOK_REJECTED", shown + " answers with status " + std::to_string(status) +
                                         "; the event is sent again");
    } catch (const Poco::Exception& error) {
        fail("WEBHOOK_UNREACHABLE", shown + " cannot be reached: " + error.displayText());
    }
}

}  // namespace sheafline::webhook
