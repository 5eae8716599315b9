// The JSON body of a request that creates a batch.
#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

#include "api/bodies/batch_order.h"
#include "fuzz_input.h"

using namespace sheafline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        // As ApiRequest::json() does it.
        Poco::JSON::Parser parser;
        parser.setDepth(16);
        const auto json =
            parser.parse(std::string(fuzz::textOf(data, size))).extract<Poco::JSON::Object::Ptr>();
        if (!json.isNull()) api::orderOf(*json, {});
    } catch (const Poco::Exception&) {  // not a JSON object
    } catch (const http::HttpError&) {  // rejected
    }
    return 0;
}
