// Replies of Redis, one after the other.
#include <sstream>

#include <Poco/Exception.h>

#include "fuzz_input.h"
#include "reply_reader.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream in{std::string(fuzz::textOf(data, size))};
    try {
        while (true) redis::fieldsOf(redis::readReply(in));
    } catch (const Poco::DataFormatException&) {  // the end, or not a reply
    }
    return 0;
}
