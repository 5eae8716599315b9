#include "http/front/event_stream.h"

#include <ostream>

#include <Poco/Net/HTTPServerResponse.h>

namespace sheafline::http {

std::optional<StreamClient> openStream(Call& call, Poco::Net::HTTPServerResponse& response) {
    const bool modern = call.head.minor == 1;
    response.setContentType("text/event-stream");
    response.set("Cache-Control", "no-cache");
    response.set("X-Accel-Buffering", "no");  // otherwise nginx buffers events
    response.set("Connection", modern ? "keep-alive" : "close");
    response.setChunkedTransferEncoding(modern);
    response.send().flush();
    if (call.head.method == "HEAD") return std::nullopt;
    return StreamClient{.socket = call.detach().release(), .chunked = modern};
}

}  // namespace sheafline::http
