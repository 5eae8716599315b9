// Tells systemd about the state of a service (the protocol of sd_notify): one datagram to the
// socket that the variable NOTIFY_SOCKET names. Without the variable nothing is sent. A message
// that cannot be sent is not an error: the service works without it. Any thread.
//
//     notifyService("READY=1\nSTATUS=listening on http://127.0.0.1:8000");
#pragma once

#include <string>
#include <string_view>

namespace sheafline {

void notifyService(std::string_view message);

// The message for the start of a reload; systemd compares its time with the reload's own.
std::string reloadNotice();

}  // namespace sheafline
