// A handler that takes a streamed body in pieces, so that a slow client holds no thread: between
// two pieces the connection waits in the front's loop. A handler class derives from this as well as
// from Poco's HTTPRequestHandler, whose handleRequest() is then not called. One thread at a time,
// but not always the same one. What it throws is answered like an exception of handleRequest().
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
    whole,     // all of the body was taken
    unwanted,  // begin() or take() returned false before its end
    broken,    // the connection ended, was too slow, or the server stops; the front has the answer
};

class BodyReceiver {
 public:
    virtual ~BodyReceiver() = default;

    // Called first. Both arguments live until end() has returned. False: no body is wanted.
    virtual bool begin(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) = 0;
    // False: no more is wanted.
    virtual bool take(std::span<const char> bytes) = 0;
    // Called once, last, unless begin() or take() threw. Answers; after `broken` it need not.
    virtual void end(BodyEnd how) = 0;
};

}  // namespace sheafline::http
