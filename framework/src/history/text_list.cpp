#include "history/text_list.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/json_writer.h>

namespace sheafline {

std::string jsonArray(const std::vector<std::string>& texts) {
    JsonWriter json;
    json.beginArray();
    for (const std::string& text : texts) json.text(text);
    return json.endArray().take();
}

std::vector<std::string> textsOf(std::string_view json_array) {
    const auto array =
        Poco::JSON::Parser().parse(std::string(json_array)).extract<Poco::JSON::Array::Ptr>();
    std::vector<std::string> texts;
    texts.reserve(array->size());
    for (const auto& item : *array) texts.push_back(item.convert<std::string>());
    return texts;
}

}  // namespace sheafline
