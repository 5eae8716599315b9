// Reads one RESP2 reply from a stream, with limits: a peer that is not Redis, or a manipulated
// reply, cannot exhaust the memory or the stack.
//
//     reply   = "+" text CRLF | "-" text CRLF | ":" integer CRLF | bulk | array
//     bulk    = "$" length CRLF bytes CRLF | "$-1" CRLF           at most 512 MiB
//     array   = "*" count CRLF *reply | "*-1" CRLF                at most 1,048,576 items, depth 8
//
// Throws Poco::DataFormatException for anything else. The end of the stream is such an error too.
#pragma once

#include <iosfwd>

#include <sheafline/redis/reply.h>

namespace sheafline::redis {

Reply readReply(std::istream& in);

}  // namespace sheafline::redis
