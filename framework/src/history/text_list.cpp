#include "history/text_list.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>
#include <sheafline/shown_text.h>

namespace sheafline {

std::string jsonArray(const std::vector<std::string>& texts) {
    JsonWriter json;
    json.beginArray();
    for (const std::string& text : texts) json.text(text);
    return json.endArray().take();
}

std::vector<std::string> textsOf(std::string_view json_array) {
    constexpr std::size_t kShown = 40;
    try {
        const auto array =
            Poco::JSON::Parser().parse(std::string(json_array)).extract<Poco::JSON::Array::Ptr>();
        std::vector<std::string> texts;
        texts.reserve(array->size());
        for (const auto& item : *array) texts.push_back(item.convert<std::string>());
        return texts;
    } catch (const Poco::Exception&) {
        throw Error(
            ErrorClass::permanent, "TEXT_LIST",
            "this is not a JSON array of texts: " + shownText(json_array.substr(0, kShown)));
    }
}

}  // namespace sheafline
