// Whether an address is on the public internet. A webhook whose URL comes from a user must not
// reach services of this machine or of its private network.
#pragma once

#include <string>

namespace sheafline::webhook {

// `address` is an IPv4 or IPv6 address as text, without brackets.
bool isPublicAddress(const std::string& address);

}  // namespace sheafline::webhook
