// The socket on which a front accepts connections. Any thread.
#pragma once

#include <Poco/Net/SocketAddress.h>

#include <sheafline/file_descriptor.h>

#include "http/front/front_config.h"

namespace sheafline::http {

// Throws ConfigError for an address that cannot be used, Error for anything else.
FileDescriptor listenOn(const FrontConfig& config);
Poco::Net::SocketAddress nameOf(const FileDescriptor& socket);  // with the actual port

}  // namespace sheafline::http
