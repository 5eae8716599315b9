// A handler that receives a streamed body in pieces, so that a slow client occupies no thread:
// between two pieces the connection waits in the front's loop. A handler class derives from this
// and from Poco's HTTPRequestHandler, whose handleRequest() is then not called. One thread at a
// time, but not always the same one. Its exceptions are answered like those of handleRequest().
//
//     class Count : public HTTPRequestHandler, public BodyReceiver {
//         bool begin(Request&, Response& response) override { response_ = &response; return true; }
//         bool take(std::span<const char> bytes) override { size_ += bytes.size(); return true; }
//         void end(BodyEnd) override { answer(*response_, size_); }
//     };
#pragma once

#include <span>

namespace Poco::Net {
class HTTPServerRequest;
class HTTPServerResponse;
}  // namespace Poco::Net

namespace sheafline::http {

enum class BodyEnd {
    whole,     // the whole body was accepted
    unwanted,  // begin() or take() returned false before its end
    broken,    // the connection ended or was too slow, or the server stops; the front answers
};

class BodyReceiver {
 public:
    virtual ~BodyReceiver() = default;

    // Called first. Both arguments live until end() has returned. Return false if no body is
    // wanted.
    virtual bool begin(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) = 0;
    // Return false if no more bytes are wanted.
    virtual bool take(std::span<const char> bytes) = 0;
    // Called once, at the end, unless begin() or take() threw. Sends the answer; not required after
    // `broken`.
    virtual void end(BodyEnd how) = 0;
};

}  // namespace sheafline::http
