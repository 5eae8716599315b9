// Poco counts who uses OpenSSL. The last user releases it, and a thread that begins to use it at
// that moment crashes. Call keepOpenSsl() before anything that signs, digests or speaks TLS through
// Poco: from then on the process never releases it. Thread-safe.
#pragma once

namespace sheafline {

void keepOpenSsl();

}  // namespace sheafline
