// Sends the head of an event stream and passes its connection from the front to the hub.
//
//     if (auto client = openStream(call, response)) {
//         client->batch_id = …;
//         hub.adopt(std::move(*client), history);
//     }
#pragma once

#include <optional>

#include <sheafline/streams/stream_hub.h>

#include "http/message/router.h"

namespace Poco::Net {
class HTTPServerResponse;
}

namespace sheafline::http {

// Sends 200 and the headers that clients and proxies of a stream need, and takes the connection out
// of the front. Empty after a HEAD, whose answer is complete. Throws HttpError if the client is
// gone.
std::optional<StreamClient> openStream(Call& call, Poco::Net::HTTPServerResponse& response);

}  // namespace sheafline::http
