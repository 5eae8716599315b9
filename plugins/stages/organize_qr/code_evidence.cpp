#include "code_evidence.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

namespace sheafline::organize_qr {

namespace {

Poco::JSON::Object::Ptr evidenceOf(const Reading& reading) {
    return Poco::JSON::Parser().parse(reading.evidence).extract<Poco::JSON::Object::Ptr>();
}

}  // namespace

sheets::FoundCode foundCode(const Reading& reading) {
    const auto json = evidenceOf(reading);
    sheets::FoundCode code{.text = reading.values.at(0),
                           .quarter_turns = json->getValue<int>("turns"),
                           .landscape = json->getValue<bool>("landscape")};
    const auto box = json->getArray("box");
    for (std::size_t i = 0; i < code.corners.size(); ++i) {
        const auto corner = box->getArray(static_cast<unsigned>(i));
        code.corners.at(i) = {corner->getElement<double>(0), corner->getElement<double>(1)};
    }
    return code;
}

std::vector<std::string> foreignCodes(const Reading& reading) {
    std::vector<std::string> codes;
    if (reading.evidence.empty()) return codes;
    if (const auto list = evidenceOf(reading)->getArray("foreign")) {
        for (unsigned i = 0; i < list->size(); ++i)
            codes.push_back(list->getElement<std::string>(i));
    }
    return codes;
}

bool isBlank(const Reading& reading) {
    return !reading.evidence.empty() && evidenceOf(reading)->optValue("blank", false);
}

}  // namespace sheafline::organize_qr
