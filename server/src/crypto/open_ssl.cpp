#include "crypto/open_ssl.h"

#include <Poco/Crypto/OpenSSLInitializer.h>

namespace sheafline {

void keepOpenSsl() { static const Poco::Crypto::OpenSSLInitializer kUser; }

}  // namespace sheafline
